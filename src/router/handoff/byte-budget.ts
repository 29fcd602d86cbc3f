import assert from "node:assert/strict";

/** Room for bytes that all requests share. */
export class ByteBudget {
  readonly #bytesMax: number;
  #takenBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  hasRoomFor(byteCount: number): boolean {
    return this.#takenBytes + byteCount <= this.#bytesMax;
  }

  /** Takes so many; false, and none taken, where there is no room for them. */
  take(byteCount: number): boolean {
    if (!this.hasRoomFor(byteCount)) return false;
    this.#takenBytes += byteCount;
    return true;
  }

  giveBack(byteCount: number): void {
    assert(byteCount <= this.#takenBytes);
    this.#takenBytes -= byteCount;
  }
}
