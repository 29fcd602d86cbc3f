import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ByteStream, StreamUser } from "./byte-stream.ts";
import { Scratch } from "./scratch.ts";

/**
 * A stream over a socket of Node's. What the kernel may take at once lies in a scratch buffer that all streams share:
 * most writes are taken so, and then nothing was allocated for them. What must wait is a copy as long as itself.
 */
export class NodeStream implements ByteStream {
  user: StreamUser;
  readonly #socket: Socket;
  /** TLS writes in a later turn. */
  readonly #isSecure: boolean;
  #isConnected: boolean;
  #isOver = false;
  #isPaused = false;
  #reason = "closed by the other side";
  /** Text that waits for what is written next. */
  #headText = "";

  /** The socket is connected, or will be; chunks come through its `data` events or {@linkcode NodeStream.read}. */
  constructor(socket: Socket, user: StreamUser) {
    this.#socket = socket;
    this.#isSecure = socket instanceof TLSSocket;
    this.user = user;
    this.#isConnected = !socket.connecting;
    if (socket.connecting) socket.once("connect", () => this.#onConnect());
    socket.on("drain", () => this.#enter(() => this.user.onDrain()));
    socket.on("end", () => this.#onEnd(true));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#reason = error.code ?? error.message;
    });
    socket.on("close", () => this.#onEnd(false));
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get peerAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get isCongested(): boolean {
    return this.#socket.writableNeedDrain;
  }

  get waitingByteCount(): number {
    return this.#socket.writableLength + this.#headText.length;
  }

  /** Takes in what the socket has read. */
  read(chunk: Buffer): void {
    if (this.#isOver) return;
    turnDepth++;
    try {
      this.user.onData(chunk);
    } finally {
      leaveTurn();
    }
  }

  writeHead(text: string): void {
    if (this.#headText === "") flushLater(this);
    this.#headText += text;
  }

  write(bytes: Buffer | string): boolean {
    const text = this.#headText;
    this.#headText = "";
    const body = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    return this.#send(text, body);
  }

  writeKept(parts: readonly Buffer[]): boolean {
    if (parts.length === 0) return !this.isCongested;
    if (parts.length === 1 && parts[0]!.length <= copiedBytesMax) return this.write(parts[0]!);
    // One call of the kernel for all of them.
    this.#socket.cork();
    this.flush();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
    return !this.isCongested;
  }

  /** Writes a head that nothing followed. */
  flush(): void {
    if (this.#headText === "") return;
    const text = this.#headText;
    this.#headText = "";
    this.#send(text, noBytes);
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  end(onFlushed: () => void): void {
    this.flush();
    this.#socket.end(onFlushed);
  }

  destroy(): void {
    this.#isOver = true;
    this.#headText = "";
    this.#socket.destroy();
  }

  reset(): void {
    this.#isOver = true;
    this.#headText = "";
    // TLS has no reset; it says of an end in order that it is one, and here it does not.
    if (this.#isSecure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Latin-1 text with bytes behind it. */
  #send(text: string, bytes: Buffer): boolean {
    if (this.#isOver || text.length + bytes.length === 0) return !this.isCongested;
    const { writableLength, writableCorked } = this.#socket;
    const mustWait = this.#isSecure || writableLength > 0 || writableCorked > 0;
    if (mustWait) return this.#socket.write(joined(text, bytes));
    const takesMore = this.#socket.write(scratch.fill(text, bytes));
    if (this.#socket.writableLength > 0) scratch.giveAway();
    return takesMore;
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#enter(() => this.user.onConnect());
  }

  #onEnd(isOrderly: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    const end = { wasConnected: this.#isConnected, isOrderly, reason: this.#reason };
    this.#enter(() => this.user.onEnd(end));
  }

  #enter(action: () => void): void {
    turnDepth++;
    try {
      action();
    } finally {
      leaveTurn();
    }
  }
}

/** Below it, copying costs less than a second buffer for the kernel to look at. */
const copiedBytesMax = 6_144;
const noBytes = Buffer.alloc(0);
const scratch = new Scratch();

/** The same as the scratch buffer's, in memory of its own. */
function joined(text: string, bytes: Buffer): Buffer {
  const target = Buffer.allocUnsafe(text.length + bytes.length);
  target.write(text, "latin1");
  target.set(bytes, text.length);
  return target;
}

/** Streams with a head that waits for its body until the end of the turn. */
const unflushed: NodeStream[] = [];
/** Above zero while a stream's user is at work: its heads are flushed when it has done. */
let turnDepth = 0;

function flushLater(stream: NodeStream): void {
  unflushed.push(stream);
  if (turnDepth === 0 && unflushed.length === 1) process.nextTick(flushAll);
}

function leaveTurn(): void {
  turnDepth--;
  assert(turnDepth >= 0);
  if (turnDepth === 0 && unflushed.length > 0) flushAll();
}

function flushAll(): void {
  for (const stream of unflushed) stream.flush();
  unflushed.length = 0;
}
