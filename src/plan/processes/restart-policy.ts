import type { Config } from "../../config/mod.ts";
import type { RestartPolicy } from "../types.ts";

/** How often a process that stands on its own is started again; null where its first end is the deployment's. */
export function restartPolicy({ deployment }: Config): RestartPolicy | null {
  const restartsMax = deployment.max_restarts;
  if (restartsMax === 0) return null;
  return { restartsMax, windowMs: 600_000, firstWaitMs: 500, waitMsMax: 30_000 };
}
