import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../telemetry/mod.ts";
import type { RouterLimits } from "./limits.ts";
import { makeRouterCore } from "./router-core.ts";
import { MemoryStream } from "./test-support/memory-stream.ts";
import { TimerClock } from "./test-support/timer-clock.ts";

function setUp(limits: Partial<RouterLimits> = {}) {
  const clock = new TimerClock();
  const rankStreams: MemoryStream[] = [];
  const core = makeRouterCore({
    ranks: [{ index: 7, url: "http://rank:1" }],
    policy: "consistent_hash",
    logger: createLogger({ name: "router", format: "json", write: () => undefined }),
    limits,
    clock,
    network: {
      connect: () => {
        const stream = new MemoryStream();
        rankStreams.push(stream);
        return stream;
      },
    },
  });
  return { clock, core, rankStreams };
}

test("makeRouterCore() relays between streams without a socket or a real clock", () => {
  const { clock, core, rankStreams } = setUp();
  core.checks.start();
  rankStreams[0]!.user.onConnect();
  assert.match(rankStreams[0]!.written, /^GET \/health HTTP\/1\.1\r\n/);
  rankStreams[0]!.user.onData(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  const client = new MemoryStream();
  core.clients.take(client);
  client.user.onData(
    Buffer.from("POST /v1/x HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nbody"),
  );
  const rank = rankStreams.at(-1)!;
  rank.user.onConnect();
  assert.match(rank.written, /^POST \/v1\/x HTTP\/1\.1\r\n[^]*\r\n\r\nbody$/);
  assert.equal(core.context.table.status()[0]!.inFlight, 1);
  rank.user.onData(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nanswer"));
  assert.match(
    client.written,
    /^HTTP\/1\.1 200 OK\r\n[^]*x-penstock-rank: 7\r\n[^]*\r\n\r\nanswer$/,
  );
  assert.equal(core.context.table.status()[0]!.inFlight, 0);
  core.close();
  assert.equal(clock.timerCount, 0);
});

test("makeRouterCore() makes another thread of a router from what the first one shares", () => {
  const { core } = setUp();
  const clock = new TimerClock();
  const network = { connect: () => new MemoryStream() };
  const logger = createLogger({ name: "router", format: "json", write: () => undefined });
  const reports: unknown[] = [];
  const other = makeRouterCore({
    ranks: [],
    policy: "consistent_hash",
    logger,
    clock,
    network,
    thread: {
      shared: core.shared,
      changes: core.context.table.snapshot(),
      report: (report) => reports.push(report),
    },
  });
  core.context.table.listeners.add((change) => other.context.table.apply(change));
  core.context.table.note(0, { kind: "ready" }, 3);
  assert.deepEqual(other.context.table.status(), core.context.table.status());
  Atomics.add(core.context.table.memory.inFlight, 0, 3);
  assert.equal(other.context.table.status()[0]!.inFlight, 3);
  other.context.health.noteUnreachable(0, "gone");
  assert.deepEqual(reports, [{ kind: "unreachable", slot: 0, reason: "gone" }]);
  core.close();
  other.close();
});
