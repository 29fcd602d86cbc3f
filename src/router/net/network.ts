import type { ByteStream } from "./byte-stream.ts";

/** Where a rank is reached. */
export interface StreamTarget {
  readonly host: string;
  readonly port: number;
}

export interface StreamOptions {
  /** Written bytes that may wait in memory before the stream counts as congested. */
  readonly bufferBytesMax: number;
  /** Silence after which the kernel asks the other machine whether it is there. */
  readonly keepAliveMs: number;
}

/** Makes connections to ranks: the machine's network, or a simulated one. */
export interface Network {
  /** Returns at once; the stream's user hears when it is connected or that it cannot be. */
  connect(target: StreamTarget, options: StreamOptions): ByteStream;
}
