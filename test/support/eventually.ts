import { setTimeout as sleep } from "node:timers/promises";

/** Calls `probe` until it gives a value or the time is up; the last error becomes the cause. */
export async function eventually<Value>(
  wanted: string,
  probe: () => Promise<Value | undefined> | Value | undefined,
  timeoutMs = 30_000,
): Promise<Value> {
  const deadlineMs = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadlineMs) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      cause = error;
    }
    await sleep(25);
  }
  throw new Error(`Waited ${timeoutMs} ms in vain for ${wanted}`, { cause });
}
