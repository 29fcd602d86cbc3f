import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import { eventually, within } from "../test-support/within.ts";
import { acceptedStream } from "./accepted-stream.ts";
import { nobody } from "./nobody.ts";

/** As TLS sockets are: of a class of their own. */
class OtherSocket extends Socket {}

for (const way of ["the handle", "data events"] as const) {
  test(`acceptedStream() reads all of a client through ${way}, and lets the server close`, async () => {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const accepted = once(server, "connection");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    client.write(sent);
    const [socket] = (await within("the connection", accepted)) as [Socket];
    if (way === "data events") Object.setPrototypeOf(socket, OtherSocket.prototype);
    const stream = acceptedStream(socket, 65_536);
    assert.equal(socket.destroyed, way === "the handle");
    const received: Buffer[] = [];
    const buffers = new Set<ArrayBufferLike>();
    stream.user = {
      ...nobody,
      onData: (chunk) => {
        buffers.add(chunk.buffer);
        received.push(Buffer.from(chunk));
      },
    };
    await eventually("all arrives", () => Buffer.concat(received).length === sent.length);
    assert.ok(Buffer.concat(received).equals(sent));
    if (way === "the handle") assert.equal(buffers.size, 1);
    assert.equal(stream.peerAddress, "127.0.0.1");
    stream.destroy();
    await within("the client's end", once(client.resume(), "close"));
    await within("the server's end", new Promise((resolve) => server.close(resolve)));
  });
}
