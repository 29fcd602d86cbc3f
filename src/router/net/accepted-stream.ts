import { Socket, type SocketConstructorOpts } from "node:net";
import type { ByteStream } from "./byte-stream.ts";
import { NodeStream } from "./node-stream.ts";
import { nobody } from "./nobody.ts";
import { readInto } from "./read-buffer.ts";

/**
 * The stream of a client that was accepted, before anything of it was read.
 *
 * Node allocates 64 KiB for each read of an accepted socket and collects it later; connections that it makes itself can
 * read into a buffer that is given to them (`onread` of `net.connect`). The socket's handle is put into a socket of
 * that kind, which saves a tenth of the time of a request. Both are Node's own objects, though it documents
 * neither `handle` nor `_handle`: where they are missing, as in TLS, the socket is used as it is.
 */
export function acceptedStream(socket: Socket, bufferBytesMax: number): ByteStream {
  const handle = takeHandle(socket);
  if (handle === undefined) {
    const stream = new NodeStream(socket, nobody);
    socket.on("data", (chunk: Buffer) => stream.read(chunk));
    socket.resume();
    return stream;
  }
  const options = {
    handle: handle as unknown,
    readable: true,
    writable: true,
    highWaterMark: bufferBytesMax,
    onread: readInto(() => stream),
  };
  const own = new Socket(options as SocketConstructorOpts);
  const stream: NodeStream = new NodeStream(own, nobody);
  own.resume();
  return stream;
}

/** Takes the handle out of a plain socket, which then counts as closed and is not. */
function takeHandle(socket: Socket): object | undefined {
  const open = socket as Socket & { _handle?: { readonly useUserBuffer?: unknown } | null };
  const handle = open._handle;
  if (socket.constructor !== Socket || typeof handle?.useUserBuffer !== "function")
    return undefined;
  open._handle = null;
  socket.destroy();
  return handle;
}
