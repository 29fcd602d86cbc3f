import type { HealthReports } from "../ranks/health-report.ts";
import { isRankFault, judgedBytesMax } from "../ranks/rank-fault.ts";

/** Tells once what an answer says of its rank: a bad one when enough of it is there to know whose fault it is. */
export class AnswerVerdict {
  readonly #health: HealthReports;
  readonly #slot: number;
  #beginning = "";
  #isGiven = false;

  constructor(health: HealthReports, slot: number) {
    this.#health = health;
    this.#slot = slot;
  }

  /** Takes in a chunk of the answer as it came, of which this is the status, once it is known. */
  take(chunk: Buffer, status: number | undefined): void {
    if (this.#isGiven) return;
    if (status !== undefined && status < 500) return this.#give(status);
    this.#beginning += chunk.toString("latin1", 0, judgedBytesMax);
    if (status !== undefined && this.#beginning.length >= judgedBytesMax) this.#give(status);
  }

  /** The answer is whole. */
  end(status: number): void {
    if (!this.#isGiven) this.#give(status);
  }

  #give(status: number): void {
    this.#isGiven = true;
    this.#health.noteAnswer(this.#slot, status, isRankFault(status, this.#beginning));
  }
}
