import assert from "node:assert/strict";
import type { Deadlines, Expirable } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { ByteStream, StreamEnd, StreamUser } from "../net/byte-stream.ts";
import type { Network } from "../net/network.ts";
import type { RankAddress } from "./rank-address.ts";

/** Whoever has the connection for a request. */
export interface RankConnectionUser extends StreamUser {
  /** `deadlineMs` of the connection has passed. */
  onDeadline(): void;
}

export interface RankConnectionOptions {
  readonly limits: Pick<RouterLimits, "relayBufferBytesMax" | "rankKeepAliveMs">;
  readonly deadlines: Deadlines;
  /** It ended while it was idle. */
  readonly onIdleEnd: (connection: RankConnection) => void;
}

/** One connection to a rank: used by one request at a time, idle in its pool between two. */
export class RankConnection implements Expirable, StreamUser {
  /** Its user sets it; while it is idle its pool does. */
  deadlineMs = Infinity;
  readonly #stream: ByteStream;
  readonly #options: RankConnectionOptions;
  #user: RankConnectionUser | undefined;
  #requestCount = 0;
  #isOver = false;

  constructor(network: Network, address: RankAddress, options: RankConnectionOptions) {
    const { relayBufferBytesMax, rankKeepAliveMs } = options.limits;
    this.#options = options;
    this.#stream = network.connect(address, {
      bufferBytesMax: relayBufferBytesMax,
      keepAliveMs: rankKeepAliveMs,
    });
    this.#stream.user = this;
    options.deadlines.watch(this);
  }

  get isConnected(): boolean {
    return this.#stream.isConnected;
  }

  /** Whether it carried a request before the one in hand: then its end may only mean that it was stale. */
  get isReused(): boolean {
    return this.#requestCount > 1;
  }

  /** Whether all that was written has left, so that nothing of this request can mix with the next. */
  get isFlushed(): boolean {
    return this.#stream.waitingByteCount === 0;
  }

  use(user: RankConnectionUser): void {
    assert(this.#user === undefined);
    assert(!this.#isOver);
    this.#user = user;
    this.#requestCount++;
  }

  /** Makes it idle until this time. */
  rest(deadlineMs: number): void {
    assert(this.#user !== undefined);
    this.#user = undefined;
    this.deadlineMs = deadlineMs;
    this.#stream.resume(); // Only a reading socket feels that the rank closed it.
  }

  /** Writes the request's head together with what follows in the same turn of the event loop. */
  writeHead(text: string): void {
    this.#stream.writeHead(text);
  }

  /** False: the rank is behind, wait for onDrain. */
  write(bytes: Buffer): boolean {
    return this.#stream.write(bytes);
  }

  /** The same for bytes that stay as they are. */
  writeKept(parts: readonly Buffer[]): boolean {
    return this.#stream.writeKept(parts);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends it at once; the rank sees its client leave. The user hears nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#isOver = true;
    this.#options.deadlines.forget(this);
    this.#stream.destroy();
  }

  onDeadline(): void {
    if (this.#user !== undefined) return this.#user.onDeadline();
    this.#end({ wasConnected: true, isOrderly: true, reason: "idle for long enough" });
  }

  onConnect(): void {
    this.#user?.onConnect();
  }

  onData(chunk: Buffer): void {
    if (this.#user !== undefined) return this.#user.onData(chunk);
    // An idle rank has nothing to say: whatever this is, it answers no request.
    this.#end({ wasConnected: true, isOrderly: false, reason: "it spoke unasked" });
  }

  onDrain(): void {
    this.#user?.onDrain();
  }

  onEnd(end: StreamEnd): void {
    this.#end(end);
  }

  #end(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.deadlines.forget(this);
    this.#stream.destroy();
    if (this.#user === undefined) this.#options.onIdleEnd(this);
    const user = this.#user;
    this.#user = undefined;
    user?.onEnd(end);
  }
}
