import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../deadlines.ts";
import { defaultRouterLimits, type RouterLimits } from "../limits.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { ManualClock } from "../test-support/manual-clock.ts";
import { startRawRank, type TestRank } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";
import { parseRankAddress } from "./rank-address.ts";
import { ConnectionWitness } from "../test-support/connection-witness.ts";
import type { RankConnection } from "./rank-connection.ts";
import { RankPool } from "./rank-pool.ts";

function setUp(rank: TestRank, over: Partial<RouterLimits> = {}) {
  const clock = new ManualClock();
  const deadlines = new Deadlines(1_000_000, clock);
  const address = parseRankAddress({ index: 0, url: rank.url });
  const pool = new RankPool(nodeNetwork, address, {
    limits: { ...defaultRouterLimits, ...over },
    deadlines,
  });
  const pass = (ms: number) => {
    clock.pass(ms);
    deadlines.tick();
  };
  return {
    pool,
    pass,
    [Symbol.dispose]() {
      pool.close();
      deadlines.close();
    },
  };
}

async function openConnection(pool: RankPool): Promise<RankConnection> {
  const connection = pool.open();
  const witness = new ConnectionWitness();
  connection.use(witness);
  await within("the connection", witness.connected);
  return connection;
}

test("RankPool gives back the connection that came last", async () => {
  await using rank = await startRawRank(() => undefined);
  using scene = setUp(rank);
  const first = await openConnection(scene.pool);
  const second = await openConnection(scene.pool);
  assert.equal(first.isReused, false);
  scene.pool.put(first);
  scene.pool.put(second);
  assert.equal(scene.pool.take(), second);
  second.use(new ConnectionWitness());
  assert.equal(second.isReused, true);
  second.destroy();
});

test("RankPool keeps as many connections as its limit says", async () => {
  await using rank = await startRawRank(() => undefined);
  using scene = setUp(rank, { idleConnectionsPerRankMax: 1 });
  const first = await openConnection(scene.pool);
  const second = await openConnection(scene.pool);
  scene.pool.put(first);
  scene.pool.put(second);
  assert.equal(scene.pool.idleCount, 1);
  assert.equal(scene.pool.take(), first);
  first.destroy();
});

test("RankPool gives up a connection that has been idle for its limit", async () => {
  await using rank = await startRawRank(() => undefined);
  using scene = setUp(rank, { rankIdleMsMax: 100 });
  const connection = await openConnection(scene.pool);
  scene.pool.put(connection);
  scene.pass(99);
  assert.equal(scene.pool.idleCount, 1);
  scene.pass(1);
  assert.equal(scene.pool.take(), undefined);
});

test("RankPool drops an idle connection that the rank closes or speaks on", async () => {
  for (const act of ["end", "speak"] as const) {
    await using rank = await startRawRank((_received, { write, end }) => {
      if (act === "end") end();
      else write("HTTP/1.1 200 OK\r\n\r\n");
    });
    using scene = setUp(rank);
    const connection = await openConnection(scene.pool);
    connection.writeHead("poke");
    scene.pool.put(connection);
    await eventually("the pool is empty", () => scene.pool.idleCount === 0);
  }
});
