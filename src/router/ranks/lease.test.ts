import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { Lease, type LeaseWork } from "./lease.ts";
import { RankMemory } from "./rank-memory.ts";
import { RankTable } from "./rank-table.ts";

const ranks = [
  { index: 4, url: "http://a:1" },
  { index: 2, url: "http://b:1" },
];

/** In flight, prefilling, decoding and streams of slot 1. */
function loadOf({ memory }: RankTable): readonly number[] {
  const { inFlight, prefilling, decoding, streams } = memory;
  return [inFlight, prefilling, decoding, streams].map((counts) => counts[1]!);
}

test("Lease counts a request on its rank until it is released, which happens once", () => {
  const table = new RankTable(ranks);
  const first = new Lease(table, 1);
  const second = new Lease(table, 1);
  assert.deepEqual([...table.inFlight.subarray(0, 2)], [0, 2]);
  first.release();
  assert.throws(() => first.release(), { code: "ERR_ASSERTION" });
  assert.deepEqual([...table.inFlight.subarray(0, 2)], [0, 1]);
  second.release();
  assert.deepEqual([...table.inFlight.subarray(0, 2)], [0, 0]);
  assert.throws(() => new Lease(table, 2), { code: "ERR_ASSERTION" });
});

test("Lease counts what a request is to its rank", () => {
  const table = new RankTable(ranks);
  for (const [work, before, after] of [
    ["whole", [1, 1, 0, 0], [1, 0, 1, 1]],
    ["prefill", [1, 1, 0, 0], [1, 1, 0, 1]],
    ["decode", [1, 0, 1, 0], [1, 0, 1, 1]],
  ] as const) {
    const lease = new Lease(table, 1, work);
    assert.deepEqual(loadOf(table), before, work);
    lease.noteFirstByte(true);
    lease.noteFirstByte(true);
    assert.deepEqual(loadOf(table), after, work);
    lease.release();
    assert.deepEqual(loadOf(table), [0, 0, 0, 0], work);
    assert.throws(() => lease.noteFirstByte(true), { code: "ERR_ASSERTION" });
  }
});

test("Lease keeps counts that are those of a list of the requests, whatever their order", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("begin", "answer", "stream", "end"),
    work: fc.constantFrom<LeaseWork>("whole", "prefill", "decode"),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const table = new RankTable(ranks);
      let open: { lease: Lease; work: LeaseWork; isAnswered: boolean; isStream: boolean }[] = [];
      for (const { kind, work, which } of steps) {
        const one = open[which % open.length];
        if (kind === "begin") {
          const lease = new Lease(table, 1, work);
          open.push({ lease, work, isAnswered: false, isStream: false });
        } else if (one !== undefined && kind === "end") {
          one.lease.release();
          open = open.filter((other) => other !== one);
        } else if (one !== undefined && !one.isAnswered) {
          one.isAnswered = true;
          one.isStream = kind === "stream";
          one.lease.noteFirstByte(one.isStream);
        }
        const count = (is: (one: (typeof open)[number]) => boolean) => open.filter(is).length;
        const decodes = ({ work, isAnswered }: (typeof open)[number]) =>
          work === "decode" || (work === "whole" && isAnswered);
        const decodeCount = count(decodes);
        const wanted = [
          open.length,
          open.length - decodeCount,
          decodeCount,
          count((one) => one.isStream),
        ];
        assert.deepEqual(loadOf(table), wanted);
      }
    }),
  );
});

test("Lease counts in one memory for all threads", async () => {
  const memory = new RankMemory(2);
  const code = `
    const { workerData } = require("node:worker_threads");
    const load = (name) => import(new URL(name, workerData.base).href);
    Promise.all([load("lease.ts"), load("rank-memory.ts"), load("rank-table.ts")]).then(
      ([{ Lease }, { RankMemory }, { RankTable }]) => {
        const table = new RankTable(workerData.ranks, new RankMemory(workerData.buffer));
        for (let count = 0; count < 10_000; count++) {
          const lease = new Lease(table, 1, "whole");
          lease.noteFirstByte(true);
          if (count >= 3) lease.release();
        }
      },
    );`;
  const workerData = { base: import.meta.url, ranks, buffer: memory.buffer };
  const workers = [1, 2].map(() => new Worker(code, { eval: true, workerData }));
  await Promise.all(
    workers.map((worker) => once(worker, "exit", { signal: AbortSignal.timeout(60_000) })),
  );
  assert.deepEqual(loadOf(new RankTable(ranks, memory)), [6, 0, 6, 6]);
});
