import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { makeMemory } from "../test-support/kv-memory.ts";
import { encodeFrame, frameTypes } from "./frame.ts";
import { encodeGreeting } from "./greeting.ts";
import { encodePull } from "./payloads.ts";
import { releaseSource } from "./pull.ts";
import { SideChannel } from "./side-channel.ts";
import {
  blockBytes,
  host,
  pull,
  requestId,
  startProducer,
  tokensDigest,
  until,
} from "./test-support/producer.ts";

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
