import type { ByteStream, StreamEnd, StreamUser } from "../../src/router/net/byte-stream.ts";
import { nobody } from "../../src/router/net/nobody.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Link } from "./link.ts";
import type { Random } from "./random.ts";

/** How one connection carries bytes. */
export interface WireOptions {
  /** Bytes under way or unread on the other side before the rest waits with the writer. */
  readonly windowBytes: number;
  readonly segmentBytesMax: number;
}

export interface EndpointOptions {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly link: Link;
  readonly wire: WireOptions;
  /** Written bytes that may wait before the stream counts as congested. */
  readonly bufferBytesMax: number;
  /** Hears what the router does with its end. */
  readonly witness?: StreamWitness;
}

/** Sees what passes one end of a connection, without touching it. */
export interface StreamWitness {
  onWritten(bytes: Buffer): void;
  /** Bytes that its user has just been given. */
  onRead(bytes: Buffer): void;
  /** It was closed, by its user or from outside. */
  onOver(): void;
}

/** What lies in the receiver's kernel: bytes, or the end of them. */
type Arrival = Buffer | "end" | "reset";

/**
 * One end of a connection between two users, with the manners of a socket of Node's: writes go out in segments of
 * any size, a reader that pauses makes the writer wait, a closed end answers bytes with a reset.
 */
export class VirtualStream implements ByteStream {
  user: StreamUser = nobody;
  isConnected: boolean;
  readonly #options: EndpointOptions;
  #peer: VirtualStream | undefined;
  #isOver = false;
  #isPaused = false;
  #isEnding = false;
  #hasSentEnd = false;
  #onFlushed: () => void = () => {};
  #headText = "";
  #waiting: Buffer[] = [];
  #waitingByteCount = 0;
  /** Bytes of this end's that the other user has not got yet. */
  #outstandingByteCount = 0;
  #lastArrivalMs = 0;
  #needsDrain = false;
  #isRefilling = false;
  readonly #inbox: Arrival[] = [];
  #isPumping = false;

  constructor(options: EndpointOptions, isConnected: boolean) {
    this.#options = options;
    this.isConnected = isConnected;
  }

  /** Two ends of one connection. */
  static join(one: VirtualStream, other: VirtualStream): void {
    one.#peer = other;
    other.#peer = one;
  }

  get isCongested(): boolean {
    return this.#needsDrain && !this.#isEnding;
  }

  get waitingByteCount(): number {
    return this.#waitingByteCount + this.#headText.length;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  writeHead(text: string): void {
    if (this.#headText === "") unflushed.push(this);
    this.#headText += text;
  }

  write(bytes: Buffer | string): boolean {
    const text = this.#headText;
    this.#headText = "";
    const body = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    return this.#send(Buffer.concat([Buffer.from(text, "latin1"), body]));
  }

  flush(): void {
    const text = this.#headText;
    this.#headText = "";
    if (text !== "") this.#send(Buffer.from(text, "latin1"));
  }

  writeKept(parts: readonly Buffer[]): boolean {
    for (const part of parts) this.write(part);
    return !this.isCongested;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pumpLater();
  }

  end(onFlushed: () => void): void {
    this.flush();
    if (this.#isOver || this.#isEnding) return;
    this.#isEnding = true;
    this.#onFlushed = onFlushed;
    this.#fill();
  }

  destroy(): void {
    this.#close(this.#inbox.some((arrival) => typeof arrival !== "string") ? "reset" : "end");
  }

  reset(): void {
    this.#close("reset");
  }

  /** The connection is made: bytes that were written before it go out. */
  connect(): void {
    if (this.#isOver) return;
    this.isConnected = true;
    this.user.onConnect();
    this.#fill();
  }

  /** The connection is lost, or was never made. */
  fail(reason: string): void {
    this.#hear({ wasConnected: this.isConnected, isOrderly: false, reason });
  }

  #send(bytes: Buffer): boolean {
    if (this.#isOver || this.#isEnding || bytes.length === 0) return !this.isCongested;
    this.#options.witness?.onWritten(bytes);
    this.#waiting.push(bytes);
    this.#waitingByteCount += bytes.length;
    if (this.#waitingByteCount >= this.#options.bufferBytesMax) this.#needsDrain = true;
    this.#fill();
    return !this.#needsDrain;
  }

  /** Sends what the window takes. */
  #fill(): void {
    if (!this.isConnected || this.#isOver) return;
    const { wire, random } = this.#options;
    const { windowBytes, segmentBytesMax } = wire;
    while (this.#waitingByteCount > 0) {
      const room = windowBytes - this.#outstandingByteCount;
      // As kernels do: no crumbs, or a reader that lags gets nothing else any more.
      if (room < Math.min(segmentBytesMax, windowBytes / 2, this.#waitingByteCount)) break;
      const byteCount = Math.min(1 + random.below(segmentBytesMax), room, this.#waitingByteCount);
      this.#sendSegment(this.#takeWaiting(byteCount));
    }
    if (this.#waitingByteCount > 0) return;
    if (this.#isEnding && !this.#hasSentEnd) {
      this.#sendEnd("end");
      this.#options.queue.after(0, () => {
        if (!this.#isOver) this.#onFlushed();
      });
    } else if (this.#needsDrain) this.#options.queue.after(0, () => this.#drained());
  }

  #drained(): void {
    if (!this.#needsDrain || this.#waitingByteCount > 0 || this.#isOver || this.#isEnding) return;
    this.#needsDrain = false;
    this.user.onDrain();
  }

  #takeWaiting(byteCount: number): Buffer {
    const all = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
    this.#waiting = byteCount === all.length ? [] : [all.subarray(byteCount)];
    this.#waitingByteCount -= byteCount;
    return Buffer.from(all.subarray(0, byteCount));
  }

  #sendSegment(bytes: Buffer): void {
    this.#outstandingByteCount += bytes.length;
    this.#deliver(() => this.#peer?.arrive(bytes));
  }

  #sendEnd(kind: "end" | "reset"): void {
    this.#hasSentEnd = true;
    this.#deliver(() => this.#peer?.arrive(kind));
  }

  #deliver(action: () => void): void {
    const { queue, link } = this.#options;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, queue.nowMs + link.latencyMs());
    link.deliver(this.#lastArrivalMs, action);
  }

  /** Something has come to this end's kernel. */
  arrive(arrival: Arrival): void {
    if (this.#isOver) {
      if (typeof arrival !== "string") this.#sendEnd("reset");
      return;
    }
    // What came before a reset may still be read, or not. Who does not read hears of neither.
    if (arrival === "reset" && this.#options.random.chance(0.5)) this.#inbox.length = 0;
    this.#inbox.push(arrival);
    if (!this.#isPumping) this.#pump();
  }

  #pumpLater(): void {
    if (this.#isPumping || this.#inbox.length === 0) return;
    this.#isPumping = true;
    this.#options.queue.after(0, () => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  /** Gives the user what has come; its end has a turn of its own. */
  #pump(): void {
    if (this.#isPaused || this.#isOver) return;
    const arrival = this.#takeArrival();
    if (arrival === undefined) return;
    if (typeof arrival === "string") {
      const isOrderly = arrival === "end";
      this.#hear({
        wasConnected: this.isConnected,
        isOrderly,
        reason: isOrderly ? "closed by the other side" : "ECONNRESET",
      });
      return;
    }
    this.#options.witness?.onRead(arrival);
    this.user.onData(arrival);
    arrival.fill("#"); // Valid only during the call: whoever kept it reads this from now on.
    this.#peer?.acknowledge(arrival.length);
    this.#pumpLater();
  }

  /** A reader gets all bytes at once that have come meanwhile. */
  #takeArrival(): Arrival | undefined {
    const first = this.#inbox.shift();
    if (first === undefined || typeof first === "string") return first;
    if (this.#inbox.length === 0 || typeof this.#inbox[0] === "string") return first;
    const parts: Buffer[] = [first];
    while (this.#inbox.length > 0 && typeof this.#inbox[0] !== "string") {
      parts.push(this.#inbox.shift() as Buffer);
    }
    return Buffer.concat(parts);
  }

  acknowledge(byteCount: number): void {
    this.#outstandingByteCount -= byteCount;
    if (this.#waitingByteCount === 0 || this.#isRefilling) return;
    this.#isRefilling = true;
    const { queue, link } = this.#options;
    link.deliver(queue.nowMs + link.latencyMs(), () => {
      this.#isRefilling = false;
      this.#fill();
    });
  }

  #hear(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#close("end");
    this.user.onEnd(end);
  }

  #close(kind: "end" | "reset"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#headText = "";
    this.#waiting = [];
    this.#waitingByteCount = 0;
    this.#inbox.length = 0;
    this.#options.witness?.onOver();
    if (this.isConnected && (!this.#hasSentEnd || kind === "reset")) this.#sendEnd(kind);
  }
}

/** Streams with a head that waits for its body until the end of the turn. */
const unflushed: VirtualStream[] = [];

/** Writes heads that nothing followed in their turn. */
export function flushHeads(): void {
  if (unflushed.length === 0) return;
  for (const stream of unflushed) stream.flush();
  unflushed.length = 0;
}
