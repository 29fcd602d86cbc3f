import assert from "node:assert/strict";
import type { RankTable } from "./rank-table.ts";

/** One request's load on one rank, counted from the choice to the last byte. Released exactly once. */
export class Lease {
  readonly slot: number;
  readonly #table: RankTable;
  #isReleased = false;

  constructor(table: RankTable, slot: number) {
    assert(slot >= 0 && slot < table.count);
    this.slot = slot;
    this.#table = table;
    table.inFlight[slot]! += 1;
    table.inFlightCount += 1;
  }

  release(): void {
    assert(!this.#isReleased);
    assert(this.#table.inFlight[this.slot]! > 0);
    this.#isReleased = true;
    this.#table.inFlight[this.slot]! -= 1;
    this.#table.inFlightCount -= 1;
  }
}
