import { trialStates } from "./rank-memory.ts";
import type { RankTable } from "./rank-table.ts";

/** What a request noticed of a rank. Can be sent to other threads. */
export type HealthReport =
  | {
      /**
       * "unreachable": it took no connection. "broken": it broke off, or did not answer in time, or in nonsense. "fault": its
       * answer says that it is not well.
       */
      readonly kind: "unreachable" | "broken" | "fault";
      readonly slot: number;
      readonly reason: string;
    }
  /** An answer without fault while the rank is tried out. */
  | { readonly kind: "good"; readonly slot: number };

/**
 * What requests notice of ranks on their way, in whichever thread they are. What happens for each chunk or answer is
 * one number in shared memory; only what may change a rank's standing is told, to the thread that decides on it.
 */
export class HealthReports {
  readonly #table: RankTable;
  readonly #tell: (report: HealthReport) => void;

  constructor(table: RankTable, tell: (report: HealthReport) => void) {
    this.#table = table;
    this.#tell = tell;
  }

  /** A request could not connect. */
  noteUnreachable(slot: number, reason: string): void {
    this.#tell({ kind: "unreachable", slot, reason });
  }

  /** A request that the rank may have begun on came to no answer, or to none that is whole. */
  noteBroken(slot: number, reason: string): void {
    this.#tell({ kind: "broken", slot, reason });
  }

  /** An answer has come; see `isRankFault` for what is the rank's own fault. */
  noteAnswer(slot: number, status: number, isOwnFault: boolean): void {
    const { goodAnswers, trials } = this.#table.memory;
    if (isOwnFault) return this.#tell({ kind: "fault", slot, reason: `it answered ${status}` });
    Atomics.add(goodAnswers, slot, 1);
    if (trials[slot] !== trialStates.none) this.#tell({ kind: "good", slot });
  }

  /** Something came from the rank: whatever its probes say, it is there. */
  noteHeard(slot: number): void {
    this.#table.memory.heard[slot] = 1;
  }
}
