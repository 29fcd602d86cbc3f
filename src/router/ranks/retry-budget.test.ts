import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import * as fc from "fast-check";
import { RetryBudget } from "./retry-budget.ts";

function setUp(startMs = 0) {
  const clock = { nowMs: () => state.nowMs, after: () => () => {}, every: () => () => {} };
  const state = { nowMs: startMs };
  return { state, clock, budget: new RetryBudget(clock) };
}

/** How many retries it still allows. */
function drain(budget: RetryBudget): number {
  let count = 0;
  while (count < 1_000_000 && budget.takeRetry()) count++;
  return count;
}

test("RetryBudget allows ten retries, and one more for five requests", () => {
  const { budget } = setUp();
  assert.equal(drain(budget), 10);
  for (let count = 0; count < 4; count++) budget.noteRequest();
  assert.equal(drain(budget), 1); // 10 < 10.8
  budget.noteRequest();
  assert.equal(drain(budget), 0); // 11 of 11
  budget.noteRequest();
  assert.equal(drain(budget), 1);
});

test("RetryBudget forgets what is ten seconds old", () => {
  const { budget, state } = setUp(123_000);
  for (let count = 0; count < 100; count++) budget.noteRequest();
  assert.equal(drain(budget), 30);
  state.nowMs += 9_999;
  assert.equal(drain(budget), 0);
  state.nowMs += 1;
  assert.equal(drain(budget), 10);
});

test("RetryBudget does what a list of all moments does, however much time passes", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("request", "retry"),
    waitMs: fc.oneof(fc.nat({ max: 400 }), fc.constantFrom(6_000, 16_000, 160_000, 10_000_000)),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const { budget, state } = setUp();
      const seconds = { request: [] as number[], retry: [] as number[] };
      for (const { kind, waitMs } of steps) {
        state.nowMs += waitMs;
        const now = Math.floor(state.nowMs / 1_000);
        const recent = (all: readonly number[]) => all.filter((second) => now - second < 10).length;
        if (kind === "request") {
          budget.noteRequest();
          seconds.request.push(now);
        } else {
          const isAllowed = recent(seconds.retry) < 10 + 0.2 * recent(seconds.request);
          assert.equal(budget.takeRetry(), isAllowed);
          if (isAllowed) seconds.retry.push(now);
        }
      }
    }),
  );
});

test("RetryBudget is one for all threads", async () => {
  const { budget } = setUp();
  const code = `
    const { workerData } = require("node:worker_threads");
    import(workerData.module).then(({ RetryBudget }) => {
      const budget = new RetryBudget({ nowMs: () => 0 }, workerData.buffer);
      for (let count = 0; count < 10_000; count++) budget.noteRequest();
    });`;
  const module = new URL("retry-budget.ts", import.meta.url).href;
  const workers = [1, 2].map(
    () => new Worker(code, { eval: true, workerData: { module, buffer: budget.buffer } }),
  );
  const codes = await Promise.all(
    workers.map((worker) => once(worker, "exit", { signal: AbortSignal.timeout(60_000) })),
  );
  assert.deepEqual(codes, [[0], [0]]);
  assert.equal(drain(budget), 10 + 0.2 * 20_000);
});
