import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../telemetry/mod.ts";
import { Membership } from "../ranks/membership.ts";
import { RankTable } from "../ranks/rank-table.ts";
import { ManualClock } from "../test-support/manual-clock.ts";
import { RankAdmin } from "./rank-admin.ts";

function setUp() {
  const table = new RankTable([{ index: 1, url: "http://127.0.0.1:8101" }]);
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const clock = new ManualClock();
  const membership = new Membership(table, { clock, logger, rankLeaveMsMax: 1_000 });
  return { table, admin: new RankAdmin(table, membership) };
}

test("RankAdmin gives a new rank the lowest index that none has, unless it is told one", () => {
  const { admin } = setUp();
  assert.equal(admin.add({ url: "http://127.0.0.1:8100" })?.index, 0);
  assert.equal(admin.add({ url: "http://127.0.0.1:8109", index: 9 })?.index, 9);
  assert.equal(admin.add({ url: "http://127.0.0.1:8102" })?.index, 2);
  assert.throws(() => admin.add({ url: "http://127.0.0.1:8103", index: 9 }), {
    code: "ROUTER_RANK_NOT_ADDED",
  });
});

test("RankAdmin finds a rank however its URL is written, and takes in none twice", () => {
  const { admin } = setUp();
  assert.equal(admin.add({ url: "http://127.0.0.1:8101/" }), undefined);
  assert.equal(admin.add({ url: "HTTP://127.0.0.1:08101" }), undefined);
  assert.equal(admin.drain("http://127.0.0.1:8101/")?.state, "draining");
  assert.equal(admin.drain("http://127.0.0.1:8102"), undefined);
  assert.equal(admin.remove("no URL", { isAtOnce: true }), undefined);
});

test("RankAdmin takes in a rank at the URL of one that leaves, and means it from then on", () => {
  const { table, admin } = setUp();
  const url = "http://127.0.0.1:8101";
  Atomics.add(table.memory.inFlight, 0, 1);
  assert.equal(admin.remove(url, { isAtOnce: false })?.inFlight, 1);
  const successor = admin.add({ url });
  assert.deepEqual([successor?.index, successor?.state], [0, "starting"]);
  assert.deepEqual(
    admin.list().map(({ index, state }) => `${index} ${state}`),
    ["1 draining", "0 starting"],
  );
  assert.equal(admin.remove(url, { isAtOnce: true })?.index, 0);
  assert.equal(admin.remove(url, { isAtOnce: true })?.index, 1);
  assert.deepEqual(admin.list(), []);
});
