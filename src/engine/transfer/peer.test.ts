import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { encodeFrame, frameTypes } from "./frame.ts";
import { Peer, type PeerOptions } from "./peer.ts";

/** Both ends of a connection, one of them as a peer. */
async function connectPeer(context: TestContext, limits: Partial<PeerOptions> = {}) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port });
  const [other] = (await once(server, "connection")) as [Socket];
  context.after(() => {
    socket.destroy();
    other.destroy();
    server.close();
  });
  other.on("error", () => {});
  return { peer: new Peer(socket, { payloadBytesMax: 100, idleMsMax: 10_000, ...limits }), other };
}

test("Peer.frames() gives what comes until the other end says goodbye", async (context) => {
  const { peer, other } = await connectPeer(context);
  const frame = encodeFrame(frameTypes.refusal, Buffer.from("no"));
  other.end(Buffer.concat([frame, frame]));
  const texts: string[] = [];
  for await (const { payload } of peer.frames()) texts.push(payload.toString());
  assert.deepEqual(texts, ["no", "no"]);
});

test("Peer.frames() throws when the connection ends within a frame, or rests too long", async (context) => {
  const { peer, other } = await connectPeer(context);
  other.end(encodeFrame(frameTypes.refusal, Buffer.from("no")).subarray(0, 13));
  await assert.rejects(peer.frames().next(), /middle of a frame/);
  const { peer: idle } = await connectPeer(context, { idleMsMax: 50 });
  await assert.rejects(idle.frames().next(), /nothing came or went for 50 ms/);
});

test("Peer ends a connection that takes too long, however busy it is", async (context) => {
  const { peer, other } = await connectPeer(context, { msMax: 60 });
  const frame = encodeFrame(frameTypes.refusal, Buffer.alloc(100));
  const byteAt = (index: number) => frame.subarray(index, index + 1);
  let sentCount = 0;
  const busy = setInterval(() => other.write(byteAt(sentCount++)), 5);
  context.after(() => clearInterval(busy));
  await assert.rejects(peer.frames().next(), /it took over 60 ms/);
});

test("Peer.send() rejects once the connection has ended", async (context) => {
  const { peer, other } = await connectPeer(context);
  const received = once(other, "data");
  await peer.send(encodeFrame(frameTypes.done));
  await received;
  peer.destroy();
  await assert.rejects(peer.send(encodeFrame(frameTypes.done)));
});
