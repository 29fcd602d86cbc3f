import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 20;

/** Whether a process of this number runs, whoever's it is; one that has ended and was not waited for counts. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // EPERM: it runs and belongs to somebody else.
  }
}

/** Resolves when the process is gone, or after the time: the number may be somebody else's by now. */
export async function awaitExit(pid: number, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (isRunning(pid) && Date.now() < deadlineMs) await sleep(pollMs);
}
