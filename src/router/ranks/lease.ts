import assert from "node:assert/strict";
import { trialStates } from "./rank-memory.ts";
import type { RankTable } from "./rank-table.ts";

/**
 * What a request is to its rank: "whole" computes the prompt and then generates, "prefill" only computes it, "decode"
 * generates from a prompt that came from elsewhere.
 */
export type LeaseWork = "whole" | "prefill" | "decode";

/** One request's load on one rank, counted from the choice to the last byte. Released exactly once. */
export class Lease {
  readonly slot: number;
  readonly #table: RankTable;
  readonly #work: LeaseWork;
  readonly #isTrial: boolean;
  #isDecoding: boolean;
  #isStream = false;
  #isReleased = false;

  constructor(table: RankTable, slot: number, work: LeaseWork = "whole") {
    assert(table.isTaken(slot));
    this.slot = slot;
    this.#table = table;
    this.#work = work;
    this.#isDecoding = work === "decode";
    const { inFlight, prefilling, decoding, trials } = table.memory;
    Atomics.add(inFlight, slot, 1);
    Atomics.add(this.#isDecoding ? decoding : prefilling, slot, 1);
    this.#isTrial = turns(trials, slot, [trialStates.claimed, trialStates.running]);
  }

  /** The first byte of the answer's body is here: the prompt is computed. */
  noteFirstByte(isStream: boolean): void {
    assert(!this.#isReleased);
    const { prefilling, decoding, streams } = this.#table.memory;
    if (isStream && !this.#isStream) {
      this.#isStream = true;
      Atomics.add(streams, this.slot, 1);
    }
    if (this.#isDecoding || this.#work === "prefill") return;
    this.#isDecoding = true;
    Atomics.add(decoding, this.slot, 1);
    take(prefilling, this.slot);
  }

  release(): void {
    assert(!this.#isReleased);
    this.#isReleased = true;
    const { inFlight, prefilling, decoding, streams, trials } = this.#table.memory;
    take(inFlight, this.slot);
    take(this.#isDecoding ? decoding : prefilling, this.slot);
    if (this.#isStream) take(streams, this.slot);
    // It said nothing of the rank, so that another request has to.
    if (this.#isTrial && turns(trials, this.slot, [trialStates.running, trialStates.offered]))
      this.#table.noteTrialOffered(this.slot);
  }
}

function take(counts: Uint32Array, slot: number): void {
  const before = Atomics.sub(counts, slot, 1);
  assert(before > 0);
}

function turns(states: Uint32Array, slot: number, [from, to]: readonly [number, number]): boolean {
  return Atomics.compareExchange(states, slot, from, to) === from;
}
