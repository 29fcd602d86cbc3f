import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { RankMemory } from "./rank-memory.ts";
import { type RankOption, RankTable } from "./rank-table.ts";

const ranks = [
  { index: 4, url: "http://a:1" },
  { index: 2, url: "http://b:1" },
];

test("RankTable refuses no ranks and doubled indexes", () => {
  assert.throws(() => new RankTable([]), { code: "ROUTER_RANKS_INVALID" });
  assert.throws(() => new RankTable([ranks[0]!, { index: 4, url: "http://c" }]), {
    code: "ROUTER_RANKS_INVALID",
  });
});

test("RankTable.note() says when a rank comes into use or goes out of it", () => {
  const table = new RankTable(ranks);
  assert.equal(table.note(0, { kind: "unreachable", reason: "x" }, 3), false);
  assert.equal(table.note(0, { kind: "ready" }, 3), true);
  assert.equal(table.note(0, { kind: "ready" }, 3), false);
  assert.equal(table.livingCount, 1);
  assert.deepEqual([...table.living.subarray(0, 2)], [1, 0]);
  assert.equal(table.note(0, { kind: "unreachable", reason: "gone" }, 3), true);
  assert.equal(table.livingCount, 0);
  assert.deepEqual(table.status()[0], {
    index: 4,
    url: "http://a:1",
    role: "both",
    state: "down",
    reason: "gone",
    inFlight: 0,
  });
});

for (const [what, roles] of [
  ["prefill ranks without decode ranks", ["prefill"]],
  ["decode ranks without prefill ranks", ["decode"]],
  ["ranks with and without a role", ["prefill", "decode", "both"]],
] as const) {
  test(`RankTable refuses ${what}`, () => {
    const mixed = roles.map((role, index) => ({ index, url: `http://a:${index + 1}`, role }));
    assert.throws(() => new RankTable(mixed), { code: "ROUTER_RANKS_INVALID" });
  });
}

test("RankTable keeps ranks in the order in which they are given, each with its own role and index", () => {
  const roles = ["decode", "prefill", "decode", "prefill"] as const;
  const table = new RankTable(
    roles.map((role, index) => ({ index, url: `http://a:${index + 1}`, role })),
  );
  assert.deepEqual(
    table.status().map(({ index, role }) => `${role} ${index}`),
    ["decode 0", "prefill 1", "decode 2", "prefill 3"],
  );
});

test("RankTable.note() tells watchers of each sign and counts the good ones", () => {
  const table = new RankTable(ranks);
  const heard: (readonly [number, boolean])[] = [];
  const watcher = { onRankSign: (slot: number, lives: boolean) => void heard.push([slot, lives]) };
  table.watchers.add(watcher);
  table.note(1, { kind: "ready" }, 3);
  table.note(1, { kind: "ready" }, 3);
  table.note(1, { kind: "unreachable", reason: "x" }, 3);
  table.watchers.delete(watcher);
  table.note(0, { kind: "ready" }, 3);
  assert.deepEqual(heard, [
    [1, true],
    [1, true],
    [1, false],
  ]);
  assert.deepEqual([...table.readyCounts.subarray(0, 2)], [1, 2]);
});

test("RankTable refuses more ranks than it has room for", () => {
  assert.throws(() => new RankTable(ranks, new RankMemory(1)), { code: "ROUTER_RANKS_INVALID" });
  const table = new RankTable(ranks, new RankMemory(2));
  assert.throws(() => table.add({ index: 7, url: "http://c:1" }, 2), {
    code: "ROUTER_RANK_NOT_ADDED",
  });
});

test("RankTable.add() refuses an index that is there, a role that does not fit and no URL", () => {
  const table = new RankTable(ranks);
  const add = (rank: RankOption) => () => table.add(rank, 2);
  assert.throws(add({ index: 4, url: "http://c:1" }), { code: "ROUTER_RANK_NOT_ADDED" });
  assert.throws(add({ index: 5, url: "http://c:1", role: "decode" }), {
    code: "ROUTER_RANK_NOT_ADDED",
  });
  assert.throws(add({ index: 5, url: "ftp://c:1" }), { code: "ROUTER_RANK_INVALID" });
  assert.equal(table.count, 2);
  table.drain(0);
  table.add({ index: 4, url: "http://c:1" }, 2); // The successor of one that leaves.
  assert.deepEqual(
    table.status().map(({ index, state }) => [index, state]),
    [
      [4, "draining"],
      [2, "starting"],
      [4, "starting"],
    ],
  );
});

test("RankTable.drain() and remove() tell tenants and watchers what concerns them", () => {
  const table = new RankTable(ranks);
  table.note(1, { kind: "ready" }, 1);
  const heard: string[] = [];
  table.tenants[1]!.add({
    seat: -1,
    onRankDown: () => heard.push("tenant: down"),
    onRankLost: (reason) => heard.push(`tenant: ${reason}`),
  });
  table.watchers.add({
    onRankAdded: (slot) => heard.push(`added ${slot}`),
    onRankRemoved: (slot) => heard.push(`removed ${slot}`),
  });
  table.drain(1);
  assert.deepEqual([heard, table.standing(1)], [[], "out"]);
  table.remove(1);
  assert.deepEqual(heard, ["removed 1", "tenant: it was removed"]);
  assert.deepEqual([table.isTaken(1), table.livingCount, table.status().length], [false, 0, 1]);
  table.add({ index: 2, url: "http://c:1" }, 1);
  assert.equal(heard.at(-1), "added 1");
  assert.deepEqual([table.standing(1), table.status()[1]?.state], ["out", "starting"]);
});

test("RankTable says the same in another thread that takes in its changes, from the first or from a snapshot", () => {
  const anyStep = fc.record({
    kind: fc.constantFrom("add", "drain", "remove", "ready", "fail", "refuse", "doubt", "trust"),
    slot: fc.nat({ max: 7 }),
    index: fc.nat({ max: 9 }),
  });
  const joins = fc.nat({ max: 30 });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), joins, (steps, joinsAt) => {
      const table = new RankTable(ranks, new RankMemory(8));
      const early = new RankTable(ranks, table.memory);
      let late: RankTable | undefined;
      table.listeners.add((change) => {
        early.apply(structuredClone(change));
        late?.apply(structuredClone(change));
      });
      for (const [number, step] of steps.entries()) {
        if (number === joinsAt) late = new RankTable({ changes: table.snapshot() }, table.memory);
        carryOut(table, step);
        for (const other of [early, late]) if (other !== undefined) assertSame(table, other);
      }
    }),
  );
});

test("RankTable tells other threads of a change before those that follow from it", () => {
  const table = new RankTable(ranks);
  const other = new RankTable(ranks, table.memory);
  table.listeners.add((change) => other.apply(structuredClone(change)));
  table.watchers.add({ onRankAdded: (slot) => void table.note(slot, { kind: "ready" }, 1) });
  table.add({ index: 9, url: "http://c:1" }, 2);
  table.tenants[2]!.add({
    seat: -1,
    onRankLost: () => undefined,
    onRankDown: () => {
      const quarantine = { phase: "open", reason: "x", untilMs: 7 } as const;
      table.change({ kind: "quarantine", slot: 2, quarantine });
      table.note(2, { kind: "ready" }, 1);
    },
  });
  table.note(2, { kind: "unreachable", reason: "gone" }, 1);
  assert.equal(table.statusOf(2).state, "quarantined");
  assertSame(table, other);
});

/** One change of a table, where it is possible. */
function carryOut(
  table: RankTable,
  { kind, slot, index }: { readonly kind: string; readonly slot: number; readonly index: number },
): void {
  if (kind === "add") {
    const isKnown = table.status().some((rank) => rank.index === index);
    if (!table.isTaken(slot) && slot <= table.count && !isKnown)
      table.add({ index, url: "http://c:1" }, slot);
    return;
  }
  if (!table.isTaken(slot)) return;
  if (kind === "drain") table.drain(slot);
  else if (kind === "remove") table.remove(slot);
  else if (kind === "ready") table.note(slot, { kind: "ready" }, 2);
  else if (kind === "fail") table.note(slot, { kind: "failed", reason: "slow" }, 2);
  else if (kind === "refuse") table.note(slot, { kind: "unreachable", reason: "gone" }, 2);
  else if (kind === "trust") table.change({ kind: "quarantine", slot, quarantine: undefined });
  else {
    const quarantine = { phase: "open", reason: "x", untilMs: 7 } as const;
    table.change({ kind: "quarantine", slot, quarantine });
  }
}

function assertSame(one: RankTable, other: RankTable): void {
  assert.deepEqual(other.status(), one.status());
  assert.deepEqual([...other.slots()], [...one.slots()]);
  assert.deepEqual(other.living, one.living);
  assert.equal(other.livingCount, one.livingCount);
  for (const slot of one.slots()) {
    assert.equal(other.standing(slot), one.standing(slot));
    assert.equal(other.seeds[slot], one.seeds[slot]);
    assert.deepEqual(other.health(slot), one.health(slot));
  }
}
