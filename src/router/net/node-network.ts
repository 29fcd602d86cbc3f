import { connect } from "node:net";
import type { ByteStream } from "./byte-stream.ts";
import type { Network } from "./network.ts";
import { NodeStream } from "./node-stream.ts";
import { nobody } from "./nobody.ts";
import { readInto } from "./read-buffer.ts";

/** The machine's own network. */
export const nodeNetwork: Network = Object.freeze({
  connect: ({ host, port }, { bufferBytesMax, keepAliveMs }): ByteStream => {
    const options = {
      host,
      port,
      noDelay: true,
      highWaterMark: bufferBytesMax,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      onread: readInto(() => stream),
    };
    const stream: NodeStream = new NodeStream(connect(options), nobody);
    return stream;
  },
} satisfies Network);
