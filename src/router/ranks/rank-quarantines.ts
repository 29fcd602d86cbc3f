import type { Logger } from "../../telemetry/mod.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import {
  afterFault,
  afterGoodAnswer,
  afterWait,
  type FaultRecord,
  noFaults,
  type QuarantineOptions,
} from "./quarantine.ts";
import { trialStates } from "./rank-memory.ts";
import type { RankTable } from "./rank-table.ts";

export interface RankQuarantinesParts {
  readonly clock: Clock;
  /** Draws 32 unsigned bits. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Brings ranks that fail requests into quarantine, and out of it. Sole source of who is there. */
export class RankQuarantines {
  readonly #table: RankTable;
  readonly #options: QuarantineOptions;
  readonly #parts: RankQuarantinesParts;
  readonly #records = new Map<number, FaultRecord>();
  readonly #cancels = new Map<number, Cancel>();

  constructor(table: RankTable, options: QuarantineOptions, parts: RankQuarantinesParts) {
    this.#table = table;
    this.#options = options;
    this.#parts = parts;
  }

  noteFault(slot: number, reason: string): void {
    const { clock, random } = this.#parts;
    const goodAnswers = this.#table.memory.goodAnswers[slot]!;
    const fault = { reason, atMs: clock.nowMs(), goodAnswers, draw: random() };
    this.#set(slot, afterFault(this.#recordOf(slot), fault, this.#options));
  }

  noteGood(slot: number): void {
    this.#set(slot, afterGoodAnswer(this.#recordOf(slot), this.#parts.clock.nowMs()));
  }

  /** The slot's rank is gone. */
  forget(slot: number): void {
    this.#cancels.get(slot)?.();
    this.#cancels.delete(slot);
    this.#records.delete(slot);
    Atomics.store(this.#table.memory.trials, slot, trialStates.none);
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  #recordOf(slot: number): FaultRecord {
    return this.#records.get(slot) ?? noFaults;
  }

  #set(slot: number, record: FaultRecord): void {
    const before = this.#recordOf(slot).quarantine;
    this.#records.set(slot, record);
    const { quarantine } = record;
    if (quarantine === before) return;
    const isTrial = quarantine?.phase === "trial";
    const { trials } = this.#table.memory;
    Atomics.store(trials, slot, isTrial ? trialStates.offered : trialStates.none);
    this.#table.change({ kind: "quarantine", slot, quarantine });
    this.#log(slot, record);
    this.#cancels.get(slot)?.();
    this.#cancels.delete(slot);
    if (quarantine?.phase === "open") this.#awaitEnd(slot, quarantine.untilMs);
    if (isTrial) this.#watchTrial(slot, false);
  }

  #awaitEnd(slot: number, untilMs: number): void {
    const { clock } = this.#parts;
    this.#after(slot, Math.max(0, untilMs - clock.nowMs()), () => {
      const nowMs = Math.max(clock.nowMs(), untilMs); // Timers may come a moment early.
      this.#set(slot, afterWait(this.#recordOf(slot), nowMs));
    });
  }

  /** Looks now and then whether the trial request runs; when it did the last time too, the rank is well. */
  #watchTrial(slot: number, ranBefore: boolean): void {
    this.#after(slot, this.#options.trialMsMax, () => {
      const runs = Atomics.load(this.#table.memory.trials, slot) === trialStates.running;
      if (runs && ranBefore) this.noteGood(slot);
      else this.#watchTrial(slot, runs);
    });
  }

  #after(slot: number, delayMs: number, callback: () => void): void {
    this.#cancels.set(slot, this.#parts.clock.after(delayMs, callback));
  }

  #log(slot: number, { quarantine }: FaultRecord): void {
    const { logger, clock } = this.#parts;
    const { index: rank } = this.#table.addresses[slot]!;
    if (quarantine === undefined) return logger.info("Rank is out of quarantine", { rank });
    if (quarantine.phase === "trial") return logger.debug("Rank is tried out", { rank });
    const { reason, untilMs } = quarantine;
    const forMs = Math.round(untilMs - clock.nowMs());
    logger.warning("Rank is in quarantine", { rank, reason, forMs });
  }
}
