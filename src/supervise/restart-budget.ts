import type { RestartPolicy } from "./process-spec.ts";

export interface CountedEnd {
  /** When it ended, within the window, this end included; milliseconds of one clock. */
  readonly endTimesMs: readonly number[];
  /** Until the next start; undefined where the budget is used up. */
  readonly waitMs: number | undefined;
}

/** Counts one more end of a process, in a window that slides: what is older does not count any more. */
export function countEnd(
  policy: RestartPolicy,
  earlierMs: readonly number[],
  atMs: number,
): CountedEnd {
  const recentMs = earlierMs.filter((timeMs) => timeMs > atMs - policy.windowMs);
  const endTimesMs = [...recentMs, atMs];
  if (endTimesMs.length > policy.restartsMax) return { endTimesMs, waitMs: undefined };
  const waitMs = Math.min(policy.waitMsMax, policy.firstWaitMs * 2 ** recentMs.length);
  return { endTimesMs, waitMs };
}
