import type { Sequence } from "./sequence.ts";

/** Sequences that wait, in order of their arrival, also those that come back. */
export class WaitingQueue {
  readonly #sequences: Sequence[] = [];
  readonly #arrivals = new WeakMap<Sequence, number>();
  #arrivalCount = 0;

  get length(): number {
    return this.#sequences.length;
  }

  get first(): Sequence | undefined {
    return this.#sequences[0];
  }

  /** Of one that has never been here, the arrival is now. */
  insert(sequence: Sequence): void {
    if (!this.#arrivals.has(sequence)) this.#arrivals.set(sequence, this.#arrivalCount++);
    const before = this.#sequences.findLastIndex(
      (other) => this.#arrivalOf(other) < this.#arrivalOf(sequence),
    );
    this.#sequences.splice(before + 1, 0, sequence);
  }

  remove(sequence: Sequence): void {
    const index = this.#sequences.indexOf(sequence);
    if (index !== -1) this.#sequences.splice(index, 1);
  }

  [Symbol.iterator](): ArrayIterator<Sequence> {
    return this.#sequences[Symbol.iterator]();
  }

  #arrivalOf(sequence: Sequence): number {
    return this.#arrivals.get(sequence)!; // Set when it was inserted.
  }
}
