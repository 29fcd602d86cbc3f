import { setTimeout as sleep } from "node:timers/promises";

const pauseMsMin = 20;
const pauseMsMax = 200;

export interface PollOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks until the answer is yes: true, or false when the time is up or the signal aborts. */
export async function poll(
  ask: (signal: AbortSignal) => Promise<boolean>,
  { timeoutMs, signal }: PollOptions,
): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  let pauseMs = pauseMsMin;
  while (performance.now() < deadlineMs && !signal.aborted) {
    if (await ask(signal)) return true;
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMsMax, pauseMs * 1.25);
  }
  return false;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the loop sees it and ends.
  }
}
