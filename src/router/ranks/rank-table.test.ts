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
    state: "down",
    reason: "gone",
    inFlight: 0,
  });
});

test("RankTable.whyNoneLives() names ranks by index, up to its limit", () => {
  assert.equal(
    new RankTable(ranks).whyNoneLives(),
    "rank 4 is starting (not reached yet), rank 2 is starting (not reached yet)",
  );
  const many = Array.from({ length: 20 }, (_, index) => ({ index, url: `http://a:${index + 1}` }));
  assert.match(new RankTable(many).whyNoneLives(), /rank 7 is .* and 12 more$/);
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
