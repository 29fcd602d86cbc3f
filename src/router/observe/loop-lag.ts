import type { Histogram } from "../../telemetry/mod.ts";
import type { Cancel, Clock } from "../net/clock.ts";

const intervalMs = 100;

/** Observes ten times a second by how much a timer is late, that is for how long other work has held this thread. */
export function watchLoopLag(clock: Clock, seconds: Histogram): Cancel {
  let calledAtMs = clock.nowMs();
  return clock.every(intervalMs, () => {
    const nowMs = clock.nowMs();
    seconds.observe(Math.max(0, nowMs - calledAtMs - intervalMs) / 1_000);
    calledAtMs = nowMs;
  });
}
