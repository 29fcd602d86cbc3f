import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { eventually, within } from "../test-support/within.ts";
import { acceptedStream } from "./accepted-stream.ts";
import type { ByteStream, StreamEnd, StreamUser } from "./byte-stream.ts";
import { nobody } from "./nobody.ts";
import { nodeNetwork } from "./node-network.ts";

const bufferBytesMax = 65_536;

/** A server whose first connection is a stream, and the socket at its other end. */
async function openPair() {
  const server = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = once(server, "connection");
  const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const connected = once(peer, "connect");
  const [socket] = (await within("the connection", accepted)) as [Socket];
  await within("the connection", connected);
  const stream = acceptedStream(socket, bufferBytesMax);
  return {
    stream,
    peer,
    [Symbol.asyncDispose]: async () => {
      stream.destroy();
      peer.destroy();
      await within("the server closes", new Promise((resolve) => server.close(resolve)));
    },
  };
}

function witness(over: Partial<StreamUser> = {}): StreamUser {
  return { ...nobody, ...over };
}

test("NodeStream sends a head and what is written in the same turn together, and a lone head at the turn's end", async () => {
  await using pair = await openPair();
  const { stream, peer } = pair;
  const pieces: string[] = [];
  peer.on("data", (chunk: Buffer) => pieces.push(chunk.toString("latin1")));
  stream.writeHead("caf\u00e9 ");
  stream.writeHead("head ");
  stream.write(Buffer.from("body"));
  await eventually("it arrives", () => pieces.length > 0);
  assert.deepEqual(pieces, ["caf\u00e9 head body"]);
  stream.writeHead("alone");
  await eventually("it arrives", () => pieces.length > 1);
  assert.equal(pieces[1], "alone");
});

test("NodeStream keeps what a slow reader has not taken, though its callers use their bytes again", async () => {
  await using pair = await openPair();
  const { stream, peer } = pair;
  peer.pause();
  let drainCount = 0;
  stream.user = witness({ onDrain: () => drainCount++ });
  const own = Buffer.alloc(50_000);
  let writtenCount = 0;
  let takesMore = true;
  while (takesMore || writtenCount % 7 !== 0) {
    own.fill(writtenCount % 251);
    takesMore = stream.write(own.subarray(0, 1 + ((writtenCount * 7_919) % own.length)));
    writtenCount++;
  }
  own.fill(255);
  assert.ok(stream.isCongested && stream.waitingByteCount > 0);
  const received: Buffer[] = [];
  peer.on("data", (chunk: Buffer) => received.push(chunk));
  peer.resume();
  await eventually("all of it leaves", () => drainCount === 1 && stream.waitingByteCount === 0);
  const lengths = Array.from(
    { length: writtenCount },
    (_, number) => 1 + ((number * 7_919) % 50_000),
  );
  const wanted = lengths.reduce((sum, length) => sum + length, 0);
  await eventually("all of it arrives", () => Buffer.concat(received).length === wanted);
  const all = Buffer.concat(received);
  let at = 0;
  for (const [number, length] of lengths.entries()) {
    assert.ok(all.subarray(at, at + length).every((byte) => byte === number % 251));
    at += length;
  }
});

test("NodeStream takes little more memory for many short writes that wait than they are long", async () => {
  await using pair = await openPair();
  const { stream, peer } = pair;
  peer.pause();
  while (!stream.isCongested) stream.write(Buffer.alloc(bufferBytesMax));
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 4_000; count++) stream.write("x".repeat(200));
  const takenByteCount = process.memoryUsage().arrayBuffers - before;
  assert.ok(takenByteCount < 8_000_000, `${takenByteCount} bytes`);
});

test("NodeStream.writeKept() sends a head and all parts in order", async () => {
  await using pair = await openPair();
  const { stream, peer } = pair;
  let text = "";
  peer.on("data", (chunk: Buffer) => (text += chunk.toString()));
  stream.writeHead("head ");
  assert.equal(stream.writeKept([]), true);
  stream.writeKept([Buffer.from("one "), Buffer.alloc(100_000, "x"), Buffer.from(" three")]);
  stream.writeKept([Buffer.from(" four")]);
  const wanted = `head one ${"x".repeat(100_000)} three four`;
  await eventually("it arrives", () => text.length === wanted.length);
  assert.equal(text, wanted);
});

test("NodeStream reads nothing while it is paused, and goes on", async () => {
  await using pair = await openPair();
  const { stream, peer } = pair;
  let text = "";
  stream.user = witness({ onData: (chunk) => (text += chunk.toString()) });
  peer.write("one");
  await eventually("it arrives", () => text === "one");
  stream.pause();
  stream.pause();
  peer.write(" two");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(text, "one");
  stream.resume();
  await eventually("the rest arrives", () => text === "one two");
});

test("NodeStream tells an orderly end from a reset, once", async () => {
  for (const [act, isOrderly] of [
    [(peer: Socket) => peer.end(), true],
    [(peer: Socket) => peer.resetAndDestroy(), false],
  ] as const) {
    await using pair = await openPair();
    const ends: StreamEnd[] = [];
    pair.stream.user = witness({ onEnd: (end) => ends.push(end) });
    await new Promise((resolve) => setImmediate(resolve));
    act(pair.peer);
    await eventually("it ends", () => ends.length > 0);
    assert.deepEqual(
      ends.map((end) => [end.wasConnected, end.isOrderly]),
      [[true, isOrderly]],
    );
  }
});

test("NodeStream says nothing any more once it is destroyed or reset", async () => {
  for (const act of ["destroy", "reset"] as const) {
    await using pair = await openPair();
    const { stream, peer } = pair;
    const seen: string[] = [];
    stream.user = witness({ onData: () => seen.push("data"), onEnd: () => seen.push("end") });
    let ending = "";
    peer.on("error", () => (ending = "reset")); // As it is meant to.
    peer.on("end", () => (ending ||= "end"));
    peer.resume();
    peer.write("late");
    stream.writeHead("never");
    stream[act]();
    await within("the peer's end", new Promise((resolve) => peer.once("close", resolve)));
    assert.deepEqual(seen, []);
    if (act === "reset") assert.equal(ending, "reset");
  }
});

test("nodeNetwork.connect() says that there is nobody", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const options = { bufferBytesMax, keepAliveMs: 1_000 };
  const stream: ByteStream = nodeNetwork.connect({ host: "127.0.0.1", port }, options);
  const end = await within(
    "the refusal",
    new Promise<StreamEnd>((resolve) => (stream.user = witness({ onEnd: resolve }))),
  );
  assert.deepEqual(end, { wasConnected: false, isOrderly: false, reason: "ECONNREFUSED" });
});
