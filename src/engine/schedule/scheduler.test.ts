import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool, PrefixCache } from "../kv-cache/mod.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { KvSource } from "../types.ts";
import { Scheduler, type SchedulerOptions } from "./scheduler.ts";
import { Sequence } from "./sequence.ts";

const maxModelLen = 64;

function makeScheduler(wanted: Partial<SchedulerOptions> = {}): Scheduler {
  const pool = new BlockPool(16);
  const options = { pool, blockSize: 4, maxNumSeqs: 3, maxNumBatchedTokens: 8, liveCountMax: 5 };
  return new Scheduler({ ...options, ...wanted });
}

function makeSequence(requestId: string, promptLength: number, maxTokens = 16): Sequence {
  return new Sequence({
    requestId,
    promptTokenIds: new Int32Array(promptLength).fill(1),
    samplingParams: samplingParams({ maxTokens }),
    maxModelLen,
  });
}

/** Runs one step with a token for each sequence that is done with its prompt; tells who got how many tokens. */
function step(scheduler: Scheduler): string[] {
  const scheduled = scheduler.schedule();
  scheduler.complete(scheduled);
  for (const { sequence } of scheduled.entries)
    if (sequence.pendingTokenCount === 0) sequence.outputTokenIds.push(1);
  scheduler.check();
  return scheduled.entries.map(({ sequence, tokenCount }) => `${sequence.requestId}:${tokenCount}`);
}

test("Scheduler prefills a long prompt in chunks and lets decodes pass first", () => {
  const scheduler = makeScheduler();
  scheduler.add(makeSequence("short", 2));
  scheduler.add(makeSequence("long", 18));
  scheduler.add(makeSequence("last", 2));
  assert.deepEqual(step(scheduler), ["short:2", "long:6"]);
  assert.deepEqual(step(scheduler), ["short:1", "long:7"]);
  assert.deepEqual(step(scheduler), ["short:1", "long:5", "last:2"]);
  assert.deepEqual(step(scheduler), ["short:1", "long:1", "last:1"]);
});

test("Scheduler runs no more than maxNumSeqs and admits in order of arrival", () => {
  const scheduler = makeScheduler();
  const sequences = ["a", "b", "c", "d", "e"].map((id) => makeSequence(id, 1));
  for (const sequence of sequences) scheduler.add(sequence);
  assert.deepEqual(step(scheduler), ["a:1", "b:1", "c:1"]);
  assert.deepEqual([scheduler.runningCount, scheduler.waitingCount], [3, 2]);
  scheduler.finish(sequences[1]!);
  assert.deepEqual(step(scheduler), ["a:1", "c:1", "d:1"]);
});

test("Scheduler lets nobody overtake a sequence that waits for blocks", () => {
  const scheduler = makeScheduler({ pool: new BlockPool(4) });
  const [first, large, small] = [
    makeSequence("first", 7, 2),
    makeSequence("large", 13, 1),
    makeSequence("small", 1, 1),
  ];
  for (const sequence of [first, large, small]) scheduler.add(sequence);
  assert.deepEqual(step(scheduler), ["first:7"]);
  scheduler.finish(first);
  assert.deepEqual(step(scheduler), ["large:8"]);
});

test("Scheduler lets nobody in whom the next block of a running sequence would put out again", () => {
  const scheduler = makeScheduler({ pool: new BlockPool(4), blockSize: 2 });
  scheduler.add(makeSequence("running", 3, 4));
  scheduler.add(makeSequence("waiting", 3, 4));
  for (let count = 0; count < 3; count++) assert.deepEqual(step(scheduler).length, 1);
  assert.deepEqual([scheduler.runningCount, scheduler.preemptionsTotal], [1, 0]);
});

test("Scheduler lets a sequence in beside others that need no more blocks until their end", () => {
  const scheduler = makeScheduler({ pool: new BlockPool(4), blockSize: 2 });
  scheduler.add(makeSequence("a", 3, 1));
  scheduler.add(makeSequence("b", 3, 1));
  assert.deepEqual(scheduler.schedule().entries.length, 2);
});

test("Scheduler preempts the latest sequence and computes it again from its first token", () => {
  const scheduler = makeScheduler({ pool: new BlockPool(4), blockSize: 2, maxNumBatchedTokens: 8 });
  const early = makeSequence("early", 1, 7);
  const late = makeSequence("late", 1, 7);
  scheduler.add(early);
  scheduler.add(late);
  for (let count = 0; count < 4; count++) assert.equal(step(scheduler).length, 2);
  assert.deepEqual(step(scheduler), ["early:1"]);
  assert.equal(scheduler.preemptionsTotal, 1);
  assert.deepEqual([late.status, late.computedTokenCount, late.length], ["waiting", 0, 5]);
  scheduler.finish(early);
  assert.deepEqual(step(scheduler), ["late:5"]);
});

test("Scheduler.finish() frees a sequence in any state at once", () => {
  const pool = new BlockPool(16);
  const scheduler = makeScheduler({ pool });
  const ids = ["running", "prefilling", "waiting"];
  const sequences = ids.map((id, index) => makeSequence(id, [1, 30, 30][index]!));
  for (const sequence of sequences) scheduler.add(sequence);
  step(scheduler);
  assert.equal(scheduler.waitingCount, 1);
  for (const sequence of sequences) {
    scheduler.finish(sequence);
    scheduler.check();
  }
  assert.deepEqual([pool.usedCount, scheduler.liveCount], [0, 0]);
  assert.deepEqual(step(scheduler), []);
  assert.throws(() => scheduler.finish(sequences[0]!), /not alive/);
});

test("Scheduler.add() asserts at its limit and on what can never run", () => {
  const scheduler = makeScheduler();
  assert.throws(() => scheduler.add(makeSequence("full", maxModelLen)), /No room/);
  const small = makeScheduler({ pool: new BlockPool(2) });
  assert.throws(() => small.add(makeSequence("large", 8)), /never fit/);
  for (const id of ["a", "b", "c", "d"]) scheduler.add(makeSequence(id, 1));
  assert.throws(() => scheduler.add(makeSequence("a", 1)), /alive already/);
  scheduler.add(makeSequence("e", 1));
  assert.throws(() => scheduler.add(makeSequence("f", 1)), /full/);
});

const source: KvSource = {
  engineId: "p",
  requestId: "0".repeat(32),
  host: "127.0.0.1",
  port: 1,
  blockIds: [0, 1, 2],
  tokenCount: 9,
};

function makeRemote(requestId: string, wanted: Partial<KvSource> = {}): Sequence {
  return new Sequence({
    requestId,
    promptTokenIds: Int32Array.from({ length: 9 }, (_, at) => at),
    samplingParams: samplingParams({ maxTokens: 3 }),
    maxModelLen,
    source: { ...source, ...wanted },
  });
}

function makeSharing(wanted: Partial<SchedulerOptions> = {}) {
  const pool = new BlockPool(16);
  const prefixCache = new PrefixCache({ pool, blockSize: 4, lengthInvariantMax: Infinity });
  return makeScheduler({ pool, prefixCache, ...wanted });
}

test("Scheduler fetches blocks while others compute, and computes the last token itself", () => {
  const scheduler = makeSharing();
  const remote = makeRemote("remote");
  scheduler.add(makeSequence("local", 2));
  scheduler.add(remote);
  scheduler.add(makeSequence("later", 2));
  const first = scheduler.schedule();
  assert.deepEqual(
    first.fetches.map(({ sequence, start, end }) => [sequence.requestId, start, end]),
    [["remote", 0, 3]],
  );
  assert.deepEqual(
    first.entries.map(({ sequence }) => sequence.requestId),
    ["local", "later"],
  );
  scheduler.complete(first);
  for (const { sequence } of first.entries) sequence.outputTokenIds.push(1);
  scheduler.check();
  assert.equal(remote.status, "loading");
  scheduler.loaded(remote, 9);
  scheduler.check();
  assert.deepEqual(step(scheduler), ["local:1", "later:1", "remote:1"]);
  assert.deepEqual([remote.cachedTokenCount, remote.computedTokenCount], [8, 9]);
});

test("Scheduler computes a prompt whose blocks do not come, and finds those it has", () => {
  const scheduler = makeSharing();
  const [first, second] = [makeRemote("first"), makeRemote("second")];
  scheduler.add(first);
  scheduler.schedule();
  scheduler.loadFailed(first);
  scheduler.check();
  assert.deepEqual(step(scheduler), ["first:8"]);
  assert.deepEqual(step(scheduler), ["first:1"]);
  assert.equal(first.cachedTokenCount, 0);
  scheduler.add(second);
  const { fetches, entries } = scheduler.schedule();
  // Two blocks are here already, which leaves the last token to be computed: there is nothing to fetch.
  assert.deepEqual(
    fetches.map(({ start, end }) => [start, end]),
    [[3, 3]],
  );
  assert.deepEqual(
    entries.map(({ sequence, tokenCount }) => [sequence.requestId, tokenCount]),
    [
      ["first", 1],
      ["second", 1],
    ],
  );
});

test("Scheduler loads no more than loadingCountMax at a time, in order of arrival", () => {
  const scheduler = makeSharing({ loadingCountMax: 2 });
  const remotes = ["a", "b", "c"].map((id) => makeRemote(id));
  for (const remote of remotes) scheduler.add(remote);
  const idsOf = () => scheduler.schedule().fetches.map(({ sequence }) => sequence.requestId);
  assert.deepEqual(idsOf(), ["a", "b"]);
  assert.deepEqual(idsOf(), []);
  scheduler.check();
  scheduler.finish(remotes[1]!);
  assert.deepEqual(idsOf(), ["c"]);
  assert.equal(scheduler.waitingCount, 2);
  scheduler.check();
});

test("Scheduler takes loaded blocks back before it preempts a running sequence", () => {
  const pool = new BlockPool(6);
  const scheduler = makeScheduler({ pool, maxNumSeqs: 1 });
  const running = makeSequence("running", 4, 12);
  const remote = makeRemote("remote");
  scheduler.add(running);
  scheduler.add(remote);
  assert.deepEqual(step(scheduler), ["running:4"]);
  scheduler.loaded(remote, 9);
  scheduler.check();
  while (running.length < 13) assert.deepEqual(step(scheduler), ["running:1"]);
  assert.deepEqual(step(scheduler), ["running:1"]);
  assert.deepEqual([remote.blockTable.length, remote.computedTokenCount], [0, 0]);
  assert.equal(scheduler.preemptionsTotal, 1);
});

test("Scheduler pauses a sequence when loads and leases hold all other blocks", () => {
  const pool = new BlockPool(4);
  const scheduler = makeScheduler({ pool });
  const sequence = makeSequence("a", 4, 8);
  scheduler.add(sequence);
  assert.deepEqual(step(scheduler), ["a:4"]);
  const leased = [pool.allocate(), pool.allocate(), pool.allocate()];
  assert.deepEqual(scheduler.schedule().entries, []);
  scheduler.check(leased);
  for (const block of leased) pool.free(block);
  assert.deepEqual(step(scheduler), ["a:1"]);
});
