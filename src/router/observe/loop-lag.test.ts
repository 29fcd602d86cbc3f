import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "../../telemetry/mod.ts";
import type { Clock } from "../net/clock.ts";
import { watchLoopLag } from "./loop-lag.ts";

test("watchLoopLag() observes by how much each call is late", () => {
  let nowMs = 5_000;
  let call: (() => void) | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    after: () => () => {},
    every: (intervalMs, callback) => {
      assert.equal(intervalMs, 100);
      call = callback;
      return () => void (call = undefined);
    },
  };
  const seconds = new Histogram([0.01, 1]);
  const cancel = watchLoopLag(clock, seconds);
  for (const passedMs of [100, 99, 400, 100]) {
    nowMs += passedMs;
    call?.();
  }
  assert.deepEqual([...seconds.counts], [3, 1, 0]);
  assert.equal(seconds.sum, 0.3);
  cancel();
  assert.equal(call, undefined);
});
