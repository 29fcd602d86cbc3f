import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { SessionThreadOptions, SessionThreadReport } from "../test-support/session-thread.ts";
import { within } from "../test-support/within.ts";
import { SessionBatch } from "./session-batch.ts";
import { SessionTable } from "./session-table.ts";

const rankCount = 16;

/** Two threads that settle sessions of one table at the same time. */
async function runTwo(options: {
  readonly sessionsMax: number;
  readonly sessionIdleMsMax: number;
  readonly keyCount: number;
  readonly isUnruly: boolean;
}) {
  const { sessionsMax, sessionIdleMsMax, keyCount, isUnruly } = options;
  const size = { rankCount, sessionsMax, sessionIdleMsMax, changesMax: 64 };
  const table = new SessionTable(size);
  const meeting = new SharedArrayBuffer(8);
  const reports = [1, 2].map(async (seed) => {
    const workerData: SessionThreadOptions = {
      table: { ...size, memory: table.memory },
      seed,
      keyCount,
      isUnruly,
      meeting,
      stepCount: 40_000,
      threadCount: 2,
    };
    const worker = new Worker(new URL("../test-support/session-thread.ts", import.meta.url), {
      workerData,
    });
    try {
      const [report] = (await within("the thread's report", once(worker, "message"))) as [
        SessionThreadReport,
      ];
      return report;
    } finally {
      await worker.terminate();
    }
  });
  const [one, other] = await Promise.all(reports);
  return { table, one: one!, other: other!, meeting: new Int32Array(meeting) };
}

function countsOf(table: SessionTable): number[] {
  const batch = new SessionBatch(table.sessionsMax);
  table.readSome(batch, 0);
  const counts = Array.from({ length: rankCount }, () => 0);
  for (const slot of batch.slots.subarray(0, batch.count)) counts[slot]! += 1;
  return counts;
}

test("SessionTable.settle() places a session of two threads once", async () => {
  const keyCount = 20_000;
  const quiet = { sessionsMax: keyCount, sessionIdleMsMax: 1_000, isUnruly: false };
  const { table, one, other } = await runTwo({ ...quiet, keyCount });
  let settledCount = 0;
  for (let key = 0; key < keyCount; key++) {
    const slots = new Set([...one.slots[key]!, ...other.slots[key]!]);
    settledCount += slots.size;
    assert.ok(slots.size <= 1, `session ${key} was at ${[...slots].join(" and ")}`);
  }
  assert.equal(table.size, settledCount);
  assert.deepEqual([...table.counts], countsOf(table));
});

test("SessionTable keeps its counts right while two threads place, finish, expire and crowd out", async () => {
  const crowded = { sessionsMax: 100, sessionIdleMsMax: 300, isUnruly: true };
  const { table, one, other, meeting } = await runTwo({ ...crowded, keyCount: 300 });
  // Both add to this word without any care: none of it is lost where only one of them can be there.
  assert.equal(meeting[1], one.placedCount + other.placedCount);
  assert.ok(table.size > 0 && table.size <= 100, String(table.size));
  assert.deepEqual([...table.counts], countsOf(table));
  for (let count = 0; count < 20; count++) table.expire(1e9);
  assert.deepEqual([table.size, Math.max(...table.counts)], [0, 0]);
});
