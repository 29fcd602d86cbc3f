const capacityMin = 4_096;

/**
 * Bytes that come in pieces, in one buffer of at most twice their number. Pieces are copied: each would keep the whole
 * read in memory that it came with, and a body in chunks of one byte would cost a hundred times its length.
 */
export class GatheredBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) this.#grow(length);
    piece.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** All that came, and from here on nothing. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return bytes;
  }

  #grow(length: number): void {
    const buffer = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length, capacityMin));
    this.#buffer.copy(buffer, 0, 0, this.#length);
    this.#buffer = buffer;
  }
}
