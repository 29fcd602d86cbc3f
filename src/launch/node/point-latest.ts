import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Points `latest` in a folder of logs to an attempt in it: in one step, so that it never leads nowhere. `by` tells apart
 * those who do so at the same time.
 */
export async function pointLatest(logs: string, attempt: string, by = attempt): Promise<void> {
  const fresh = join(logs, `.latest-${by}`);
  await rm(fresh, { force: true });
  await symlink(attempt, fresh);
  await rename(fresh, join(logs, "latest"));
}
