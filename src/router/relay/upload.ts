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

/** Shorter pieces are kept as they come; longer ones are gathered in slabs. */
const looseBytesMax = 8_192;

/**
 * The request body on its way to a rank. What is held can be sent again on another connection; a body past the
 * limit is let go once it has been sent, and then its request has only this attempt.
 */
export class Upload {
  isComplete = false;
  readonly #heldBytesMax: number;
  #held: Buffer[] | undefined = [];
  #heldByteCount = 0;
  #slabs: Buffer[] = [];
  /** Bytes that the last slab may still take. */
  #slabRoom = 0;
  /** Whether a connection may read from the slabs for as long as it likes. */
  #isLent = false;
  #target: UploadTarget | undefined;

  constructor(heldBytesMax: number) {
    this.#heldBytesMax = heldBytesMax;
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
    if (this.#target === undefined) return this.#heldByteCount <= this.#heldBytesMax;
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

  /** There will be no other attempt: nothing is held from here on. Call it only while there is a target. */
  letGo(): void {
    this.#held = undefined;
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

  #hold(held: Buffer[], bytes: Buffer): void {
    this.#heldByteCount += bytes.length;
    if (bytes.length < looseBytesMax) return void held.push(Buffer.from(bytes));
    for (let start = 0; start < bytes.length;) {
      if (this.#slabRoom === 0) {
        this.#slabs.push(takeSlab());
        this.#slabRoom = slabBytes;
      }
      const slab = this.#slabs.at(-1)!; // There is room in it.
      const end = Math.min(bytes.length, start + this.#slabRoom);
      const from = slabBytes - this.#slabRoom;
      bytes.copy(slab, from, start, end);
      held.push(slab.subarray(from, from + end - start));
      this.#slabRoom -= end - start;
      start = end;
    }
  }

  #trim(): void {
    if (this.#heldByteCount > this.#heldBytesMax && this.#held !== undefined) this.letGo();
  }
}
