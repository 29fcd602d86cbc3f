/** Bytes that a tail keeps. */
export const tailBytesMax = 4_096;

/** The last {@linkcode tailBytesMax} bytes of a body that passes by. */
export class ByteTail {
  /** All bytes that have passed. */
  byteCount = 0;
  readonly #ring = Buffer.allocUnsafeSlow(tailBytesMax);

  /** Takes note of `chunk[from..to)`. */
  push(chunk: Buffer, from: number, to: number): void {
    const start = Math.max(from, to - tailBytesMax);
    const at = (this.byteCount + start - from) % tailBytesMax;
    this.byteCount += to - from;
    const copied = chunk.copy(this.#ring, at, start, to);
    if (copied < to - start) chunk.copy(this.#ring, 0, start + copied, to);
  }

  /** Forgets everything, for the next body. */
  clear(): void {
    this.byteCount = 0;
  }

  /** What is kept, in order. Holds until this or another tail is read. */
  read(): Buffer {
    const length = Math.min(this.byteCount, tailBytesMax);
    if (length < tailBytesMax) return this.#ring.subarray(0, length);
    const at = this.byteCount % tailBytesMax;
    this.#ring.copy(straight, 0, at);
    this.#ring.copy(straight, tailBytesMax - at, 0, at);
    return straight;
  }
}

const straight = Buffer.allocUnsafeSlow(tailBytesMax);
