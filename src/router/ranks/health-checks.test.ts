import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { createLogger, type LogLine, parseLogLine } from "../../telemetry/mod.ts";
import { systemClock } from "../net/clock.ts";
import { nodeNetwork } from "../net/node-network.ts";
import { startRank } from "../test-support/test-rank.ts";
import { eventually, within } from "../test-support/within.ts";
import { defaultHealthOptions, HealthChecks, type HealthOptions } from "./health-checks.ts";
import { HealthReports } from "./health-report.ts";
import { Lease } from "./lease.ts";
import { probeOver } from "./probe-rank.ts";
import { RankTable } from "./rank-table.ts";

function setUp(url: string, over: Partial<HealthOptions> = {}) {
  const table = new RankTable([{ index: 5, url }]);
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(parseLogLine(line)!);
  const logger = createLogger({ name: "router", format: "json", write });
  const options = { ...defaultHealthOptions, upIntervalMs: 10, downIntervalMs: 10, ...over };
  const checks = new HealthChecks(table, options, {
    clock: systemClock,
    random: () => 0,
    probe: probeOver(nodeNetwork, systemClock),
    logger,
  });
  const reports = new HealthReports(table, (report) => checks.take(report));
  return { table, lines, checks, reports };
}

test("HealthChecks follow a rank up, down and up again, and log each turn once", async () => {
  const rank = await startRank(() => undefined);
  const { table, lines, checks } = setUp(rank.url);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  await rank.kill();
  await eventually("down", () => table.livingCount === 0);
  assert.equal(table.health(0).reason, "ECONNREFUSED");
  await using again = await startRank(() => undefined, rank.port);
  assert.equal(again.port, rank.port);
  await eventually("up again", () => table.livingCount === 1);
  checks.close();
  assert.deepEqual(
    lines.map(({ level, message, rank }) => [level, message, rank]),
    [
      ["info", "Rank is up", 5],
      ["warning", "Rank is out of use", 5],
      ["info", "Rank is up", 5],
    ],
  );
});

test("HealthChecks.probedOnce() ends when a rank answered, or did not in time, or nobody waits", async (context) => {
  await using rank = await startRank(() => undefined);
  const mute = createServer((socket) => context.after(() => socket.destroy()));
  await once(mute.listen(0, "127.0.0.1"), "listening");
  context.after(() => mute.close());
  const muteUrl = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  for (const [url, livingCount] of [
    [rank.url, 1],
    ["http://127.0.0.1:1", 0],
    [muteUrl, 0],
  ] as const) {
    const { table, checks } = setUp(url, { timeoutMs: 200 });
    context.after(() => checks.close());
    checks.start();
    await within("a first probe", checks.probedOnce());
    assert.equal(table.livingCount, livingCount);
  }
  const { checks } = setUp(muteUrl);
  checks.start();
  const probed = checks.probedOnce();
  checks.close();
  await within("an end", probed);
});

test("HealthChecks.take() takes a rank out of use until the next probe", async () => {
  await using rank = await startRank(() => undefined);
  const { table, checks, reports } = setUp(rank.url);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  reports.noteUnreachable(0, "ECONNRESET");
  assert.equal(table.livingCount, 0);
  assert.equal(table.health(0).reason, "ECONNRESET");
  await eventually("up again", () => table.livingCount === 1);
  checks.close();
});

/** Takes connections and answers probes with 200 until it is to say nothing. */
async function startMuteServer() {
  const sockets = new Set<Socket>();
  const state = { isMute: false };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // The probe gives up.
    if (!state.isMute) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test("HealthChecks end the requests of a rank that says nothing, once, and later ones again", async () => {
  using rank = await startMuteServer();
  const { table, lines, checks } = setUp(rank.url, { timeoutMs: 20, muteMsMax: 500 });
  const losses: string[] = [];
  const tenant = {
    seat: -1,
    onRankDown: () => losses.push("down"),
    onRankLost: losses.push.bind(losses),
  };
  table.tenants[0]!.add(tenant);
  const lease = new Lease(table, 0);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  for (let count = 1; count <= 2; count++) {
    rank.state.isMute = true;
    await eventually("lost", () => losses.length === 2 * count);
    const failures = table.health(0).failureCount;
    await eventually("more probes", () => table.health(0).failureCount > failures + 3);
    rank.state.isMute = false;
    await eventually("up again", () => table.livingCount === 1);
  }
  checks.close();
  lease.release();
  const loss = ["down", "its process does not answer"];
  assert.deepEqual(losses, [...loss, ...loss]);
  assert.equal(
    lines.filter(({ message }) => message === "Rank is lost with its requests").length,
    2,
  );
});

test("HealthReports.noteHeard() keeps a rank from being lost, whatever its probes say", async () => {
  using rank = await startMuteServer();
  rank.state.isMute = true;
  const { table, checks, reports } = setUp(rank.url, { timeoutMs: 10, muteMsMax: 200 });
  let isLost = false;
  const lease = new Lease(table, 0);
  table.tenants[0]!.add({
    seat: -1,
    onRankDown: () => undefined,
    onRankLost: () => void (isLost = true),
  });
  checks.start();
  await eventually("many probes", () => {
    reports.noteHeard(0);
    return table.health(0).failureCount > 20;
  });
  assert.equal(isLost, false);
  await eventually("lost, once nothing is heard", () => isLost);
  lease.release();
  checks.close();
});

test("HealthChecks lose no rank because the router itself stood still", async () => {
  await using rank = await startRank(() => undefined);
  const { table, lines, checks } = setUp(rank.url, { timeoutMs: 20, muteMsMax: 300 });
  const lease = new Lease(table, 0);
  checks.start();
  await eventually("up", () => table.livingCount === 1);
  for (let count = 0; count < 3; count++) {
    checks.checkNow(0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    const before = table.readyCounts[0]!;
    await eventually("an answer", () => table.readyCounts[0]! > before);
  }
  checks.close();
  lease.release();
  assert.equal(
    lines.filter(({ message }) => message === "Rank is lost with its requests").length,
    0,
  );
});
