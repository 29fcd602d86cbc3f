import { connect } from "node:net";
import type { ByteStream } from "./byte-stream.ts";
import type { Network } from "./network.ts";
import { NodeStream } from "./node-stream.ts";
import { nobody } from "./nobody.ts";

/** One for all: what a stream has read is used up before the next one reads. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

/** The machine's own network. */
export const nodeNetwork: Network = Object.freeze({
  connect: ({ host, port }, { bufferBytesMax, keepAliveMs }): ByteStream => {
    const socketOptions = {
      host,
      port,
      noDelay: true,
      highWaterMark: bufferBytesMax,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      onread: {
        buffer: readBuffer,
        callback: (byteCount: number) => {
          stream.read(
            byteCount === readBuffer.length ? readBuffer : readBuffer.subarray(0, byteCount),
          );
          return true;
        },
      },
    };
    const stream = new NodeStream(connect(socketOptions), nobody);
    return stream;
  },
} satisfies Network);
