import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "./lease.ts";
import { RankTable } from "./rank-table.ts";

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
  assert.deepEqual([...table.living], [1, 0]);
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

test("RankTable puts ranks of a role side by side, prefill first, each with its own index", () => {
  const roles = ["decode", "prefill", "decode", "prefill"] as const;
  const table = new RankTable(
    roles.map((role, index) => ({ index, url: `http://a:${index + 1}`, role })),
  );
  assert.deepEqual(
    table.status().map(({ index, role }) => `${role} ${index}`),
    ["prefill 1", "prefill 3", "decode 0", "decode 2"],
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
  assert.deepEqual([...table.readyCounts], [1, 2]);
});

test("Lease counts a request on its rank until it is released, which happens once", () => {
  const table = new RankTable(ranks);
  const first = new Lease(table, 1);
  const second = new Lease(table, 1);
  assert.deepEqual([...table.inFlight], [0, 2]);
  first.release();
  assert.throws(() => first.release(), { code: "ERR_ASSERTION" });
  assert.deepEqual([...table.inFlight], [0, 1]);
  assert.equal(table.inFlightCount, 1);
  second.release();
  assert.equal(table.inFlightCount, 0);
  assert.throws(() => new Lease(table, 2), { code: "ERR_ASSERTION" });
});
