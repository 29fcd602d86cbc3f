import type { Socket } from "node:net";
import { type Frame, ProtocolError } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { connectionMsMax } from "./limits.ts";

export interface PeerOptions {
  /** A frame with more is a mistake of the peer. */
  readonly payloadBytesMax: number;
  /** The connection is closed when nothing moves on it for so long. */
  readonly idleMsMax: number;
  /** The connection is closed after so long whatever moves on it. Default: 600,000. */
  readonly msMax?: number;
}

/** The other end of a connection, in frames. */
export class Peer {
  readonly #socket: Socket;
  readonly #options: PeerOptions;

  constructor(socket: Socket, options: PeerOptions) {
    const { idleMsMax, msMax = connectionMsMax } = options;
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on("error", () => {}); // send() and frames() throw it; without a listener it would end the thread.
    socket.setTimeout(idleMsMax, () =>
      socket.destroy(new Error(`nothing came or went for ${idleMsMax} ms`)),
    );
    const overdue = setTimeout(() => socket.destroy(new Error(`it took over ${msMax} ms`)), msMax);
    socket.on("close", () => clearTimeout(overdue));
  }

  /** Resolves when the system has taken the bytes. Rejects when the connection has ended. */
  send(frame: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.write(frame, (error) => (error ? reject(error) : resolve()));
    return promise;
  }

  /**
   * The frames that come, until the peer ends the connection.
   *
   * @throws ProtocolError; whatever ended the connection otherwise
   */
  async *frames(): AsyncGenerator<Frame> {
    const reader = new FrameReader(this.#options.payloadBytesMax);
    for await (const bytes of this.#socket as AsyncIterable<Buffer>) yield* reader.push(bytes);
    if (!reader.isBetween) throw new ProtocolError("the connection ended in the middle of a frame");
  }

  /** Sends what was given to send() and says goodbye. */
  end(): void {
    this.#socket.end();
  }

  destroy(cause?: Error): void {
    this.#socket.destroy(cause);
  }
}
