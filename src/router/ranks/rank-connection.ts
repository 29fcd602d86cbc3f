import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { Expirable } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { RankAddress } from "./rank-address.ts";

/** How a connection to a rank ended. */
export interface ConnectionEnd {
  /** False: no byte of the request can have reached the rank. */
  readonly wasConnected: boolean;
  /** The rank closed in order, as opposed to a reset. */
  readonly isOrderly: boolean;
  readonly reason: string;
}

/** Whoever has the connection for a request. */
export interface RankConnectionUser {
  onConnect(): void;
  onData(chunk: Buffer): void;
  /** The rank took what was written. */
  onDrain(): void;
  /** Called at most once, and not after {@linkcode RankConnection.destroy}. */
  onEnd(end: ConnectionEnd): void;
}

type ConnectionLimits = Pick<RouterLimits, "relayBufferBytesMax" | "rankKeepAliveMs">;

/** One connection to a rank: used by one request at a time, idle in its pool between two. */
export class RankConnection implements Expirable {
  /** While idle: when it is given up. */
  deadlineMs = Infinity;
  readonly #socket: Socket;
  #user: RankConnectionUser | undefined;
  #onIdleEnd: (() => void) | undefined;
  #requestCount = 0;
  #isConnected = false;
  #isOver = false;
  #reason = "closed by the rank";

  constructor(address: RankAddress, limits: ConnectionLimits) {
    const { host, port } = address;
    const options = {
      host,
      port,
      noDelay: true,
      highWaterMark: limits.relayBufferBytesMax,
      keepAlive: true,
      keepAliveInitialDelay: limits.rankKeepAliveMs,
    };
    this.#socket = connect(options, () => this.#onConnect());
    this.#socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on("drain", () => this.#user?.onDrain());
    this.#socket.on("end", () => this.#onEnd(true));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#reason = error.code ?? error.message;
    });
    this.#socket.on("close", () => this.#onEnd(false));
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether it carried a request before the one in hand: then its end may only mean that it was stale. */
  get isReused(): boolean {
    return this.#requestCount > 1;
  }

  /** Whether all that was written has left, so that nothing of this request can mix with the next. */
  get isFlushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  use(user: RankConnectionUser): void {
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
    this.#socket.resume(); // Only a reading socket feels that the rank closed it.
  }

  /** Writes the request's head together with what follows in the same turn of the event loop. */
  writeHead(text: string): void {
    this.#socket.cork();
    process.nextTick(uncork, this.#socket);
    this.#socket.write(text, "latin1");
  }

  /** False: the rank is behind, wait for onDrain. */
  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends it at once; the rank sees its client leave. The user hears nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#isOver = true;
    this.#socket.destroy();
  }

  /** It has been idle for long enough. */
  onDeadline(): void {
    assert(this.#user === undefined);
    this.#onEnd(true);
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#user?.onConnect();
  }

  #onData(chunk: Buffer): void {
    if (this.#user !== undefined) this.#user.onData(chunk);
    else this.#onEnd(false); // An idle rank has nothing to say: whatever this is, it answers no request.
  }

  #onEnd(isOrderly: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#onIdleEnd?.();
    const user = this.#user;
    this.#user = undefined;
    user?.onEnd({ wasConnected: this.#isConnected, isOrderly, reason: this.#reason });
  }
}

function uncork(socket: Socket): void {
  socket.uncork();
}
