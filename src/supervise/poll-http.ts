import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const attemptTimeoutMs = 2_000;
const pauseMsMin = 20;
const pauseMsMax = 200;

export interface PollOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks the URL until it answers 200: true, or false when the time is up or the signal aborts. */
export async function pollHttp(url: string, options: PollOptions): Promise<boolean> {
  const deadlineMs = performance.now() + options.timeoutMs;
  let pauseMs = pauseMsMin;
  while (performance.now() < deadlineMs && !options.signal.aborted) {
    if (await answersOk(url, options.signal)) return true;
    await pause(pauseMs, options.signal);
    pauseMs = Math.min(pauseMsMax, pauseMs * 1.25);
  }
  return false;
}

function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(attemptTimeoutMs);
    const request = get(url, { agent: false, signal: AbortSignal.any([signal, timeout]) });
    request.once("response", (response) => {
      response.on("error", () => resolve(false));
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("error", () => resolve(false)); // Not listening yet: the next attempt asks again.
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the loop sees it and ends.
  }
}
