import type { ByteBudget } from "../handoff/byte-budget.ts";
import { giveSlabBack, slabBytes, takeSlab } from "./slabs.ts";

/** Where the body goes. */
export interface UploadTarget {
  /** Whether all that was written has left. */
  readonly isFlushed: boolean;
  /** False: what follows must wait until the target has drained. */
  write(bytes: Buffer): boolean;
  /** The same for bytes that stay as they are. */
  writeKept(parts: readonly Buffer[]): boolean;
}

/** A few shorter pieces are kept as they come; all others are gathered in slabs. */
const looseBytesMax = 8_192;
const loosePiecesMax = 8;

/**
 * The request body on its way to a rank. What is held can be sent again on another connection; a body past its
 * limit, or the one of all bodies together, is let go once it has been sent, and then its request has only this attempt.
 */
export class Upload {
  isComplete = false;
  readonly #heldBytesMax: number;
  readonly #budget: ByteBudget | undefined;
  #held: Buffer[] | undefined = [];
  #heldByteCount = 0;
  /** Of the budget. */
  #takenByteCount = 0;
  #slabs: Buffer[] = [];
  /** Bytes that the last slab may still take. */
  #slabRoom = 0;
  /** Whether a connection may read from the slabs for as long as it likes. */
  #isLent = false;
  #target: UploadTarget | undefined;

  /** What it holds is taken from the budget, and given back with {@linkcode Upload.letGo}. */
  constructor(heldBytesMax: number, budget?: ByteBudget) {
    this.#heldBytesMax = heldBytesMax;
    this.#budget = budget;
  }

  /** A body that is there already; all of it is held, so that it can be sent as often as it takes. */
  static of(parts: readonly Buffer[]): Upload {
    const upload = new Upload(Infinity);
    upload.#held = [...parts];
    upload.#heldByteCount = parts.reduce((count, { length }) => count + length, 0);
    upload.isComplete = true;
    return upload;
  }

  /** Whether every byte that has come so far is at hand. */
  get isRepeatable(): boolean {
    return this.#held !== undefined;
  }

  /** Whether it will be so when all of a body of this length has come, which cannot be told of one without a length. */
  staysRepeatable(bodyLength: number | "chunked"): boolean {
    if (this.isComplete) return this.isRepeatable && !this.#isPastLimit;
    return bodyLength !== "chunked" && this.hasRoomFor(bodyLength - this.#heldByteCount);
  }

  /** Whether so many more bytes can be held. */
  hasRoomFor(byteCount: number): boolean {
    if (this.#heldByteCount + byteCount > this.#heldBytesMax || this.#isPastLimit) return false;
    return this.#budget?.hasRoomFor(byteCount) ?? true;
  }

  /** What is at hand, in order. */
  get held(): readonly Buffer[] {
    return this.#held ?? [];
  }

  /**
   * Takes the next bytes, which are the caller's again when it returns. False: no more until the connection is there or
   * has drained.
   */
  push(bytes: Buffer): boolean {
    if (this.#held !== undefined) this.#hold(this.#held, bytes);
    if (this.#target === undefined) return !this.#isPastLimit;
    this.#trim();
    return this.#target.write(bytes);
  }

  /** Sends all that is held on a connection and the rest after it. False: wait until it has drained. */
  sendTo(target: UploadTarget): boolean {
    this.#target = target;
    const takesMore = target.writeKept(this.#held ?? []);
    this.#trim();
    return takesMore;
  }

  /** There will be no other attempt: nothing is held from here on, and what no connection has is lost. */
  letGo(): void {
    this.#held = undefined;
    this.#budget?.giveBack(this.#takenByteCount);
    this.#takenByteCount = 0;
    const isFree = !this.#isLent && this.#target?.isFlushed !== false;
    if (isFree) for (const slab of this.#slabs) giveSlabBack(slab);
    this.#slabs = [];
    this.#slabRoom = 0;
  }

  /** The connection is lost; what comes is held until there is another. */
  detach(): void {
    if (this.#target?.isFlushed === false) this.#isLent = true;
    this.#target = undefined;
  }

  /** Without room it still holds one read of a socket, behind which no more comes before there is a target. */
  get #isPastLimit(): boolean {
    const lacksRoom = this.#budget !== undefined && this.#takenByteCount < this.#heldByteCount;
    return lacksRoom || this.#heldByteCount > this.#heldBytesMax;
  }

  #hold(held: Buffer[], bytes: Buffer): void {
    if (this.#budget?.take(bytes.length) !== false) this.#takenByteCount += bytes.length;
    this.#heldByteCount += bytes.length;
    const isLoose = bytes.length < looseBytesMax && held.length < loosePiecesMax;
    if (isLoose) return void held.push(Buffer.from(bytes));
    for (let start = 0; start < bytes.length;) {
      if (this.#slabRoom === 0) {
        this.#slabs.push(takeSlab());
        this.#slabRoom = slabBytes;
      }
      const slab = this.#slabs.at(-1)!; // There is room in it.
      const end = Math.min(bytes.length, start + this.#slabRoom);
      const from = slabBytes - this.#slabRoom;
      bytes.copy(slab, from, start, end);
      const to = from + end - start;
      const last = held.at(-1);
      // One piece with what lies before it: else a body in tiny reads would take a hundred times its length.
      if (last?.buffer === slab.buffer) held[held.length - 1] = slab.subarray(last.byteOffset, to);
      else held.push(slab.subarray(from, to));
      this.#slabRoom -= end - start;
      start = end;
    }
  }

  #trim(): void {
    if (this.#isPastLimit && this.#held !== undefined) this.letGo();
  }
}
