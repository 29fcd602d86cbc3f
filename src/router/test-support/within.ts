import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** No wait of a test is longer; far above what any of them needs, so that a busy machine fails none. */
export const waitMsMax = 10_000;

/** The promise's outcome, or a failure that says what never came. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const tooLate = delay(waitMsMax, undefined, { signal: abort.signal }).then(() =>
    assert.fail(`${what}: not in ${waitMsMax} ms`),
  );
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    abort.abort();
    await tooLate.catch(() => undefined); // Aborted, or failed and thrown above.
  }
}

/** Looks again and again until the condition holds. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + waitMsMax;
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, `${what}: not in ${waitMsMax} ms`);
    await delay(2);
  }
}
