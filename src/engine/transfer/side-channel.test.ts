import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { KvFacts } from "../kv-memory.ts";
import { type Fault, startFaultProxy } from "../test-support/fault-proxy.ts";
import { makeMemory } from "../test-support/kv-memory.ts";
import { encodeFrame, frameTypes } from "./frame.ts";
import { encodeGreeting } from "./greeting.ts";
import { type LeaseEnd, Leases } from "./leases.ts";
import { encodePull } from "./payloads.ts";
import { pullBlocks, type PullJob, releaseSource } from "./pull.ts";
import { SideChannel } from "./side-channel.ts";

const host = "127.0.0.1";
const blockBytes = 4_096;
const requestId = "ab".repeat(16);
const tokensDigest = "cd".repeat(32);

interface Setup {
  readonly durationMs?: number;
  readonly blockBytes?: number;
  readonly idleMsMax?: number;
}

/** A producer with 8 blocks full of 7, of which 1, 2 and 3 are leased. */
async function startProducer(context: TestContext, setup: Setup = {}) {
  const bytes = setup.blockBytes ?? blockBytes;
  const ends: LeaseEnd[] = [];
  const leases = new Leases({
    durationMs: setup.durationMs ?? 60_000,
    onEnd: (_id, end) => ends.push(end),
  });
  const memory = makeMemory({ blockBytes: bytes, blockCount: 8, fill: 7 });
  const { idleMsMax = 10_000 } = setup;
  const options = { host, port: 0, memory, leases, hearGrants: () => {}, idleMsMax };
  const channel = await SideChannel.listen(options);
  context.after(async () => {
    await channel.close();
    leases.close();
  });
  leases.grant({ requestId, blockIds: Int32Array.of(1, 2, 3), tokensDigest });
  return { channel, leases, memory, ends };
}

interface PullWish extends Partial<Omit<PullJob, "source">> {
  readonly port: number;
  readonly requestId?: string;
  readonly facts?: Partial<KvFacts>;
  readonly blockBytes?: number;
  readonly signal?: AbortSignal;
  readonly idleMsMax?: number;
}

/** Pulls blocks 1, 2 and 3 into blocks 5, 6 and 7 of a consumer whose memory is full of 9. */
async function pull(wish: PullWish): Promise<Uint8Array> {
  const { port, facts = {}, signal = new AbortController().signal, idleMsMax = 5_000 } = wish;
  const bytes = wish.blockBytes ?? blockBytes;
  const memory = makeMemory({ blockBytes: bytes, blockCount: 8, fill: 9, facts });
  const job = {
    source: { requestId: wish.requestId ?? requestId, host, port },
    tokensDigest: wish.tokensDigest ?? tokensDigest,
    sourceBlockIds: wish.sourceBlockIds ?? Int32Array.of(1, 2, 3),
    targetBlockIds: wish.targetBlockIds ?? Int32Array.of(5, 6, 7),
  };
  await pullBlocks(job, { memory, signal, idleMsMax });
  return new Uint8Array(memory.buffer);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert(tries < 5_000, "It does not happen");
    await delay(2);
  }
}

test("pullBlocks() brings leased blocks, as often as they are asked for, until they are released", async (context) => {
  const { channel, leases, ends } = await startProducer(context);
  const { port } = channel;
  for (let round = 0; round < 2; round++) {
    const bytes = await pull({ port });
    assert.equal(bytes[5 * blockBytes - 1], 9);
    assert(bytes.subarray(5 * blockBytes, 8 * blockBytes).every((byte) => byte === 7));
  }
  assert.equal(channel.sentBytesTotal, 2 * 3 * 2 * blockBytes);
  const memory = makeMemory({ blockBytes, blockCount: 8, fill: 9 });
  const options = { memory, idleMsMax: 5_000, signal: new AbortController().signal };
  await releaseSource({ requestId, host, port }, options);
  await releaseSource({ requestId, host, port }, options);
  assert.deepEqual([ends, leases.count], [["released"], 0]);
  await assert.rejects(pull({ port }), /lease of its blocks has ended/);
});

test("SideChannel gives no block away that is not leased under the id", async (context) => {
  const { channel, leases } = await startProducer(context);
  const { port } = channel;
  for (const wrong of [
    [0, 1, 2],
    [1, 2, 4],
    [1, 2, -1],
    [1, 2, 2 ** 31 - 1],
  ])
    await assert.rejects(
      pull({ port, sourceBlockIds: Int32Array.from(wrong) }),
      /not leased to it/,
    );
  const four = Int32Array.of(1, 2, 3, 3);
  await assert.rejects(pull({ port, sourceBlockIds: four, targetBlockIds: four }), /not leased/);
  await assert.rejects(pull({ port, requestId: "00".repeat(16) }), /has ended/);
  await assert.rejects(pull({ port, tokensDigest: "00".repeat(32) }), /tokens are others/);
  assert.equal(channel.sentBytesTotal, 0);
  assert.equal(leases.count, 1);
});

test("pullBlocks() takes nothing from an engine with another model", async (context) => {
  const { channel } = await startProducer(context);
  const facts = { model: "another" };
  await assert.rejects(pull({ port: channel.port, facts }), /its model is "m" there and "another"/);
});

test("A lease that ends in the middle of a pull ends behind it", async (context) => {
  const large = 2 ** 22;
  const { channel, ends, leases } = await startProducer(context, {
    durationMs: 60_000,
    blockBytes: large,
  });
  const pulling = pull({ port: channel.port, blockBytes: large });
  // Before the pull has begun, in the middle or behind it: whenever that is, it gets all of the blocks or none.
  await delay(1);
  leases.release(requestId);
  const result = await pulling.then(
    (bytes) => bytes.subarray(5 * large, 8 * large).every((byte) => byte === 7),
    (error: Error) => /has ended/.test(error.message),
  );
  assert(result);
  await until(() => ends.length === 1);
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
    await assert.rejects(pull({ port, idleMsMax: 300 }), reason);
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

test("SideChannel ends what speaks another language, says nothing or asks out of turn", async (context) => {
  const { channel, memory, leases } = await startProducer(context, { idleMsMax: 200 });
  const greeting = encodeFrame(frameTypes.greeting, encodeGreeting(memory.facts));
  const blockIds = Int32Array.of(1);
  const pullFrame = encodeFrame(frameTypes.pull, encodePull({ requestId, tokensDigest, blockIds }));
  for (const bytes of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(0),
    Buffer.alloc(100),
    pullFrame,
    Buffer.concat([greeting, greeting]),
    Buffer.concat([greeting, encodeFrame(frameTypes.done)]),
    Buffer.concat([greeting, encodeFrame(frameTypes.pull, Buffer.alloc(50))]),
    Buffer.concat([greeting, encodeFrame(frameTypes.release, Buffer.alloc(3))]),
    encodeFrame(frameTypes.greeting, Buffer.alloc(4_097)),
  ]) {
    const socket = connect({ host, port: channel.port });
    socket.on("error", () => {});
    socket.resume();
    socket.write(bytes);
    await once(socket, "close", { signal: AbortSignal.timeout(20_000) });
  }
  assert.equal(leases.count, 1);
  await pull({ port: channel.port });
});

test("SideChannel.listen() names a port that is taken and an address that is not here", async (context) => {
  const { channel, memory, leases } = await startProducer(context);
  const options = { host, port: channel.port, memory, leases, hearGrants: () => {} };
  await assert.rejects(SideChannel.listen(options), { code: "PORT_IN_USE" });
  const elsewhere = { ...options, host: "192.0.2.1", port: 0 };
  await assert.rejects(SideChannel.listen(elsewhere), { code: "SERVER_CANNOT_LISTEN" });
});
