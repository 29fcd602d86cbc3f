import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingParams } from "../test-support/sampling-params.ts";
import { Sequence } from "./sequence.ts";
import { WaitingQueue } from "./waiting-queue.ts";

test("WaitingQueue brings those who come back to their place", () => {
  const queue = new WaitingQueue();
  const [a, b, c, d] = ["a", "b", "c", "d"].map(
    (requestId) =>
      new Sequence({
        requestId,
        promptTokenIds: Int32Array.of(1),
        samplingParams: samplingParams(),
        maxModelLen: 8,
      }),
  );
  for (const sequence of [a!, b!, c!]) queue.insert(sequence);
  for (const sequence of [b!, a!]) queue.remove(sequence);
  queue.insert(d!);
  queue.insert(b!);
  queue.insert(a!);
  queue.remove(c!);
  assert.deepEqual([...queue], [a, b, d]);
  assert.deepEqual([queue.first, queue.length], [a, 3]);
});
