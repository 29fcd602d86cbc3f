import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Fault, startFaultProxy } from "../test-support/fault-proxy.ts";
import { host, pull, requestId, startProducer, until } from "./test-support/producer.ts";

test("pullBlocks() takes nothing from an engine with another model", async (context) => {
  const { channel } = await startProducer(context);
  const facts = { model: "another" };
  await assert.rejects(pull({ port: channel.port, facts }), /its model is "m" there and "another"/);
});

const faults: readonly [string, Fault, RegExp][] = [
  ["ends at once", { kind: "cut", afterBytes: 0 }, /ended/],
  ["ends in the greeting", { kind: "cut", afterBytes: 20 }, /middle of a frame/],
  ["ends in the blocks", { kind: "cut", afterBytes: 9_000 }, /middle of a frame/],
  ["falls silent in the blocks", { kind: "silence", afterBytes: 9_000 }, /for 300 ms/],
  ["flips a bit of a block", { kind: "flip", at: 5_000 }, /checksum/],
  ["flips a bit of a length", { kind: "flip", at: 0 }, /it may have/],
];

for (const [name, fault, reason] of faults)
  test(`pullBlocks() fails when the network ${name}, and the producer holds nothing for it`, async (context) => {
    const { channel, leases, ends } = await startProducer(context);
    const port = await startFaultProxy(context, { host, port: channel.port }, fault);
    const idleMsMax = fault.kind === "silence" ? 300 : 20_000;
    await assert.rejects(pull({ port, idleMsMax }), reason);
    leases.release(requestId);
    await until(() => ends.length === 1);
  });

test("pullBlocks() fails where nobody listens, and where somebody else does", async (context) => {
  const { channel } = await startProducer(context);
  await channel.close();
  await assert.rejects(pull({ port: channel.port }), /ECONNREFUSED/);
  const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  stranger.listen(0, host);
  await once(stranger, "listening");
  context.after(() => stranger.close());
  const { port } = stranger.address() as AddressInfo;
  await assert.rejects(pull({ port }), /unknown type/);
});

test("pullBlocks() ends at once when it is aborted, before and in the middle", async (context) => {
  const { channel, leases, ends } = await startProducer(context);
  const silent = { kind: "silence", afterBytes: 9_000 } as const;
  const port = await startFaultProxy(context, { host, port: channel.port }, silent);
  const abort = new AbortController();
  const pulling = pull({ port, signal: abort.signal, idleMsMax: 60_000 });
  await delay(20);
  abort.abort();
  await assert.rejects(pulling, /aborted/);
  await assert.rejects(pull({ port, signal: abort.signal }), /aborted/);
  leases.release(requestId);
  await until(() => ends.length === 1);
});
