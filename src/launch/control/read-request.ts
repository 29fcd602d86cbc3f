import type { Socket } from "node:net";
import { PenstockError } from "../../errors/mod.ts";
import { requestBytesMax } from "./limits.ts";

/**
 * The first line of a connection; what comes behind it is thrown away, so that its end is seen. Never settles where
 * the connection ends before.
 *
 * @throws PenstockError CONTROL_REQUEST_INVALID where the line is too long.
 */
export function readRequest(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    const end = chunk.indexOf(10);
    bytes += end === -1 ? chunk.length : end + 1;
    if (bytes > requestBytesMax) {
      socket.off("data", take).resume();
      const reason = `it has more than the ${requestBytesMax} bytes that are allowed`;
      reject(new PenstockError("CONTROL_REQUEST_INVALID", { reason }));
      return;
    }
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    if (end === -1) return;
    socket.off("data", take).resume();
    resolve(Buffer.concat(chunks).toString());
  };
  socket.on("data", take);
  return promise;
}
