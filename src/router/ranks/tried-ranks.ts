import type { RankTable } from "./rank-table.ts";

/** The ranks that failed one request. Each is left out until it has been found ready anew. */
export class TriedRanks {
  readonly #table: RankTable;
  readonly #readyCounts = new Map<number, number>();

  constructor(table: RankTable) {
    this.#table = table;
  }

  add(slot: number): void {
    this.#readyCounts.set(slot, this.#table.readyCounts[slot]!);
  }

  /** Slots of those that have not been found ready since. */
  get doubted(): readonly number[] {
    if (this.#readyCounts.size === 0) return noSlots;
    return [...this.#readyCounts]
      .filter(([slot, count]) => this.#table.readyCounts[slot] === count)
      .map(([slot]) => slot);
  }
}

const noSlots: readonly number[] = Object.freeze([]);
