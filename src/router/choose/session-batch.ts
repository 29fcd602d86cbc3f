/** Some sessions, on their way into a table or out of it. */
export class SessionBatch {
  count = 0;
  /** Two words of each, which stand for its key. */
  readonly ids: Int32Array;
  /** Where it is; {@linkcode goneSlot} says that it is over. */
  readonly slots: Int32Array;
  /** Its last use, on the table's clock. */
  readonly usedMs: Float64Array;

  constructor(capacity: number) {
    this.ids = new Int32Array(2 * capacity);
    this.slots = new Int32Array(capacity);
    this.usedMs = new Float64Array(capacity);
  }

  get capacity(): number {
    return this.slots.length;
  }
}

export const goneSlot = -1;
