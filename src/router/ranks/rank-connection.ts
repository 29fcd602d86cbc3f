import assert from "node:assert/strict";
import type { Expirable } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { ByteStream, StreamEnd, StreamUser } from "../net/byte-stream.ts";
import type { Network } from "../net/network.ts";
import type { RankAddress } from "./rank-address.ts";

type ConnectionLimits = Pick<RouterLimits, "relayBufferBytesMax" | "rankKeepAliveMs">;

/** One connection to a rank: used by one request at a time, idle in its pool between two. */
export class RankConnection implements Expirable, StreamUser {
  /** While idle: when it is given up. */
  deadlineMs = Infinity;
  readonly #stream: ByteStream;
  #user: StreamUser | undefined;
  #onIdleEnd: (() => void) | undefined;
  #requestCount = 0;
  #isOver = false;

  constructor(network: Network, address: RankAddress, limits: ConnectionLimits) {
    this.#stream = network.connect(address, {
      bufferBytesMax: limits.relayBufferBytesMax,
      keepAliveMs: limits.rankKeepAliveMs,
    });
    this.#stream.user = this;
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

  use(user: StreamUser): void {
    assert(this.#user === undefined);
    assert(!this.#isOver);
    this.#user = user;
    this.#onIdleEnd = undefined;
    this.#requestCount++;
  }

  /** Makes it idle; `onEnd` is called when it ends while it is. */
  rest(onEnd: () => void): void {
    assert(this.#user !== undefined);
    this.#user = undefined;
    this.#onIdleEnd = onEnd;
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
    this.#stream.destroy();
  }

  /** It has been idle for long enough. */
  onDeadline(): void {
    assert(this.#user === undefined);
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
    this.#stream.destroy();
    this.#onIdleEnd?.();
    const user = this.#user;
    this.#user = undefined;
    user?.onEnd(end);
  }
}
