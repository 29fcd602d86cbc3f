import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../deadlines.ts";
import { defaultRouterLimits } from "../limits.ts";
import { ManualClock } from "../test-support/manual-clock.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { ConnectionWitness } from "../test-support/connection-witness.ts";
import { startRawRank } from "../test-support/test-rank.ts";
import { keepsAlive, skipOffLinux } from "../test-support/tcp-timers.ts";
import { eventually, within } from "../test-support/within.ts";
import { parseRankAddress } from "./rank-address.ts";
import { RankConnection } from "./rank-connection.ts";

function open(url: string): [RankConnection, ConnectionWitness] {
  const connection = new RankConnection(nodeNetwork, parseRankAddress({ index: 0, url }), {
    limits: defaultRouterLimits,
    deadlines: new Deadlines(1_000_000, new ManualClock()),
    onIdleEnd: () => assert.fail("it was never idle"),
  });
  const witness = new ConnectionWitness();
  connection.use(witness);
  return [connection, witness];
}

test("RankConnection passes on what the rank sends and how it ended, once", async () => {
  await using rank = await startRawRank((_received, { write, end }) => {
    write("answer");
    end();
  });
  const [connection, witness] = open(rank.url);
  assert.equal(connection.isConnected, false);
  await within("the connection", witness.connected);
  assert.equal(connection.isReused, false);
  connection.writeHead("poke");
  await eventually("the end", () => witness.ends.length > 0);
  assert.equal(witness.received, "answer");
  await rank.kill();
  assert.deepEqual(witness.ends, [
    { wasConnected: true, isOrderly: true, reason: "closed by the other side" },
  ]);
});

test("RankConnection tells a reset from an orderly end", async () => {
  await using rank = await startRawRank((_received, { reset }) => reset());
  const [connection, witness] = open(rank.url);
  connection.writeHead("poke");
  await eventually("the end", () => witness.ends.length > 0);
  assert.deepEqual(witness.ends, [{ wasConnected: true, isOrderly: false, reason: "ECONNRESET" }]);
});

test("RankConnection tells a refused connection from one that broke", async () => {
  const rank = await startRawRank(() => undefined);
  await rank.kill();
  const [, witness] = open(rank.url);
  await eventually("the end", () => witness.ends.length > 0);
  assert.deepEqual(witness.ends, [
    { wasConnected: false, isOrderly: false, reason: "ECONNREFUSED" },
  ]);
});

test("RankConnection.destroy() is felt by the rank and tells its user nothing", async () => {
  let isGone = false;
  await using rank = await startRawRank(
    () => undefined,
    () => (isGone = true),
  );
  const [connection, witness] = open(rank.url);
  await within("the connection", witness.connected);
  connection.destroy();
  await eventually("the rank feels it", () => isGone);
  assert.deepEqual(witness.ends, []);
});

test("RankConnection has one user at a time", async () => {
  await using rank = await startRawRank(() => undefined);
  const [connection] = open(rank.url);
  assert.throws(() => connection.use(new ConnectionWitness()), { code: "ERR_ASSERTION" });
  connection.destroy();
});

test(
  "RankConnection has the kernel ask whether a silent rank's machine is there",
  skipOffLinux,
  async () => {
    await using rank = await startRawRank(() => undefined);
    const [connection, witness] = open(rank.url);
    await within("the connection", witness.connected);
    await eventually("the timer", () => keepsAlive(rank.port, "connecting"));
    connection.destroy();
  },
);
