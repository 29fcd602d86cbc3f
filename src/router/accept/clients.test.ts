import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../deadlines.ts";
import { defaultRouterLimits } from "../limits.ts";
import { MemoryStream } from "../test-support/memory-stream.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import type { ClientConnection, ClientConnectionHost, RequestSink } from "./client-connection.ts";
import { Clients } from "./clients.ts";

const request = Buffer.from("GET / HTTP/1.1\r\nhost: h\r\n\r\n");

function setUp(connectionsMax = 2) {
  const clock = new TimerClock();
  const underWay: ClientConnection[] = [];
  let goneCount = 0;
  let refusedCount = 0;
  const sink: RequestSink = {
    onBody: () => true,
    onBodyEnd: () => undefined,
    onClientDrain: () => undefined,
    onClientGone: () => void goneCount++,
  };
  const host: ClientConnectionHost = {
    limits: { ...defaultRouterLimits, connectionsMax },
    deadlines: new Deadlines(100, clock),
    isDraining: false,
    handle: (_head, client) => {
      underWay.push(client);
      return sink;
    },
    onRefused: () => void refusedCount++,
  };
  const clients = new Clients(host, clock);
  const open = () => {
    const stream = new MemoryStream();
    clients.take(stream);
    return stream;
  };
  return { clock, clients, open, underWay, gone: () => goneCount, refused: () => refusedCount };
}

test("Clients gives one connection more than connectionsMax a 503 and no place", async () => {
  const { clients, open, refused } = setUp();
  open();
  const second = open();
  const third = open();
  assert.match(third.written, /^HTTP\/1\.1 503 [^]*retry-after: 1[^]*all 2 are in use/);
  assert.equal(third.state, "ended");
  assert.equal(clients.count, 2);
  assert.equal(refused(), 1);
  await Promise.resolve();
  assert.equal(third.state, "destroyed");
  second.user.onEnd({ wasConnected: true, isOrderly: true, reason: "" });
  assert.equal(clients.count, 1);
  assert.equal(open().written, "");
});

test("Clients does not wait for ever for a refused client that takes nothing", () => {
  const { clock, clients } = setUp(0);
  const stream = new MemoryStream();
  stream.isTaken = false;
  clients.take(stream);
  clock.pass(defaultRouterLimits.lingerMsMax - 1);
  assert.equal(stream.state, "ended");
  clock.pass(1);
  assert.equal(stream.state, "destroyed");
});

test("Clients.drain() closes idle connections and waits for the others, or for its limit", async () => {
  const { clock, clients, open, underWay, gone } = setUp(3);
  const idle = open();
  const busy = open();
  const stuck = open();
  idle.user.onData(request);
  underWay.shift()!.refuse(404, "not here");
  busy.user.onData(request);
  stuck.user.onData(request);
  let isDrained = false;
  const drained = clients.drain(5_000).then(() => (isDrained = true));
  assert.equal(idle.state, "ended");
  assert.equal(busy.state, "open");
  underWay[0]!.refuse(500, "enough");
  clock.pass(4_999);
  await Promise.resolve();
  assert.equal(isDrained, false);
  clock.pass(1);
  await drained;
  assert.equal(stuck.state, "open");
  clients.abort();
  assert.equal(stuck.state, "destroyed");
  assert.equal(gone(), 1);
  assert.equal(clients.count, 0);
});

test("Clients.drain() gives the first request of a new connection lingerMsMax to come", async () => {
  const { clock, clients, open, underWay } = setUp(2);
  const silent = open();
  const slow = open();
  const drained = clients.drain(60_000);
  clock.pass(defaultRouterLimits.lingerMsMax - 100);
  assert.equal(silent.state, "open");
  slow.user.onData(request);
  clock.pass(100);
  assert.equal(silent.state, "ended");
  assert.equal(slow.state, "open");
  underWay[0]!.closeAfterAnswer();
  underWay[0]!.refuse(503, "the router is shutting down");
  assert.match(slow.written, /^HTTP\/1\.1 503 /);
  await Promise.resolve(); // Both ends are flushed.
  clock.pass(defaultRouterLimits.lingerMsMax + 100);
  assert.equal(clients.count, 0);
  await drained;
});
