import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { PenstockError } from "../../errors/mod.ts";

const triesMax = 100;

/**
 * Makes `logs/attempt_N` below the output directory, N one above the highest there is, and points
 * `logs/latest` to it. Deployments that share an output directory each get a folder of their own.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE
 */
export async function makeAttemptDirectory(outputDirectory: string): Promise<string> {
  const logs = join(outputDirectory, "logs");
  try {
    await mkdir(logs, { recursive: true });
    const name = await makeNext(logs);
    await pointLatest(logs, name);
    return join(logs, name);
  } catch (error) {
    const reason = (error as Error).message;
    throw new PenstockError(
      "OUTPUT_DIR_NOT_WRITABLE",
      { directory: logs, reason },
      { cause: error },
    );
  }
}

async function makeNext(logs: string): Promise<string> {
  for (let tries = 0; tries < triesMax; tries++) {
    const name = `attempt_${(await highestAttempt(logs)) + 1}`;
    if (await makeNew(join(logs, name))) return name;
  }
  throw new Error(`${triesMax} names were taken by others in the meantime`);
}

/** False when it is there already: a deployment that starts at the same moment was faster. */
async function makeNew(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function highestAttempt(logs: string): Promise<number> {
  const numbers = (await readdir(logs)).map((name) => /^attempt_(\d{1,9})$/.exec(name)?.[1]);
  return Math.max(-1, ...numbers.filter((number) => number !== undefined).map(Number));
}

/** Replaces the link in one step, so that it never leads nowhere. */
async function pointLatest(logs: string, name: string): Promise<void> {
  const fresh = join(logs, `.latest-${name}`);
  await rm(fresh, { force: true });
  await symlink(name, fresh);
  await rename(fresh, join(logs, "latest"));
}
