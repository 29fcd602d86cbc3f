import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../../../errors/mod.ts";
import type { LogEntry } from "../../../control/deployment-source.ts";
import { batchesMax, BatchQueue } from "./batch-queue.ts";

function batch(line: string): readonly LogEntry[] {
  return [{ processId: "rank-0", line }];
}

async function linesOf(queue: BatchQueue): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of queue.batches()) lines.push(...batch.map(({ line }) => line));
  return lines;
}

test("BatchQueue ends when its last writer has finished", async () => {
  const queue = new BatchQueue(2);
  const read = linesOf(queue);
  queue.push(batch("one"));
  queue.finish();
  queue.push(batch("two"));
  queue.finish();
  assert.deepEqual(await read, ["one", "two"]);
});

test("BatchQueue makes its writers wait from a number of batches on, until all are read", async () => {
  const queue = new BatchQueue(1);
  for (let count = 1; count < batchesMax; count++) assert.equal(queue.push(batch("x")), true);
  assert.equal(queue.push(batch("last")), false);
  queue.onDrain(() => queue.finish());
  assert.equal((await linesOf(queue)).length, batchesMax);
});

test("BatchQueue hands on what there is before it throws a writer's error", async () => {
  const queue = new BatchQueue(2);
  queue.push(batch("one"));
  queue.finish(new PenstockError("SLURM_TOOL_FAILED", { program: "srun", reason: "it is gone" }));
  const batches = queue.batches();
  assert.deepEqual((await batches.next()).value, batch("one"));
  await assert.rejects(batches.next(), { code: "SLURM_TOOL_FAILED" });
});

test("BatchQueue ends for its reader when it is closed", async () => {
  const queue = new BatchQueue(1);
  const read = linesOf(queue);
  queue.close();
  assert.deepEqual(await read, []);
});
