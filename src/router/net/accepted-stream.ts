import type { Socket } from "node:net";
import type { ByteStream } from "./byte-stream.ts";
import { NodeStream } from "./node-stream.ts";
import { nobody } from "./nobody.ts";

/** The stream of a client that was accepted. */
export function acceptedStream(socket: Socket): ByteStream {
  const stream = new NodeStream(socket, nobody);
  socket.on("data", (chunk: Buffer) => stream.read(chunk));
  return stream;
}
