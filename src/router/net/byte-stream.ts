/** How a stream ended. */
export interface StreamEnd {
  /** False where there never was a connection: no byte can have reached the other side. */
  readonly wasConnected: boolean;
  /** The other side closed in order, as opposed to a reset or a failure. */
  readonly isOrderly: boolean;
  readonly reason: string;
}

/** Whoever reads a stream. */
export interface StreamUser {
  onConnect(): void;
  /** `chunk` holds until the call returns: what is kept of it must be copied, what is written on is. */
  onData(chunk: Buffer): void;
  /** All that was written has left, after {@linkcode ByteStream.isCongested} was true. */
  onDrain(): void;
  /** The other side closed or the connection failed. Called at most once, and not after destroy() or reset(). */
  onEnd(end: StreamEnd): void;
}

/** A connection as the router sees it: TCP, TLS, a Unix socket, or a simulated one. */
export interface ByteStream {
  /** Who hears of it. May change between two requests; set it before the turn in which the stream was made ends. */
  user: StreamUser;
  readonly isConnected: boolean;
  /** Address of the other side's machine; undefined where it has none, or none any more. */
  readonly peerAddress?: string | undefined;
  /** Whether the other side is behind: more than a buffer of written bytes waits in memory. */
  readonly isCongested: boolean;
  /** Bytes written that the kernel has not taken. */
  readonly waitingByteCount: number;
  /** Writes Latin-1 text together with what is written next in the same turn of the event loop. */
  writeHead(text: string): void;
  /** Takes all of it; the bytes are the caller's again when the call returns. False when congested by then. */
  write(bytes: Buffer | string): boolean;
  /** The same for bytes that stay as they are from now on, which need not be copied. */
  writeKept(parts: readonly Buffer[]): boolean;
  pause(): void;
  resume(): void;
  /** Closes in order behind what is written; reading goes on. `onFlushed` is called when all of it has left. */
  end(onFlushed: () => void): void;
  /** Closes at once. */
  destroy(): void;
  /** Closes at once and so that the other side cannot take what it has for a whole message. */
  reset(): void;
}
