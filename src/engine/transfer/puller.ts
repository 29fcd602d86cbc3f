import type { KvMemory } from "../kv-memory.ts";
import { farewellsMax, farewellsWaitingMax, pullsMax } from "./limits.ts";
import type { MessageFromTransfer, PullResult } from "./messages.ts";
import { type KvSourcePlace, pullBlocks, type PullJob, releaseSource } from "./pull.ts";
import { Turns } from "./turns.ts";

export interface PullerOptions {
  readonly memory: KvMemory;
  readonly idleMsMax: number;
  readonly send: (message: MessageFromTransfer) => void;
}

/** The consumer's end: some pulls and some farewells at a time, each in the order in which they were asked for. */
export class Puller {
  readonly #options: PullerOptions;
  readonly #cancels = new Map<number, AbortController>();
  readonly #farewell = new AbortController();
  readonly #pulls = new Turns({ openMax: pullsMax, waitingMax: Infinity });
  readonly #farewells = new Turns({ openMax: farewellsMax, waitingMax: farewellsWaitingMax });

  constructor(options: PullerOptions) {
    this.#options = options;
  }

  pull(pullId: number, job: PullJob): void {
    const cancel = new AbortController();
    this.#cancels.set(pullId, cancel);
    this.#pulls.take(async () => {
      const result = await this.#tryPull(job, cancel.signal);
      this.#cancels.delete(pullId);
      this.#options.send({ kind: "pull-ended", pullId, result });
      this.release(job.source);
    });
  }

  /** Ids that have ended are ignored. */
  cancel(pullId: number): void {
    this.#cancels.get(pullId)?.abort();
  }

  release(source: KvSourcePlace): void {
    const { memory, idleMsMax, send } = this.#options;
    const hasTurn = this.#farewells.take(async () => {
      try {
        await releaseSource(source, { memory, idleMsMax, signal: this.#farewell.signal });
      } catch {
        // The lease ends by its time; what is left to do is to count it.
        send({ kind: "release-failed" });
      }
    });
    if (!hasTurn) send({ kind: "release-failed" });
  }

  /** Ends all that is open or waits. */
  close(): void {
    this.#farewell.abort();
    for (const cancel of this.#cancels.values()) cancel.abort();
  }

  async #tryPull(job: PullJob, signal: AbortSignal): Promise<PullResult> {
    const { memory, idleMsMax } = this.#options;
    const beginMs = performance.now();
    try {
      const bytes = await pullBlocks(job, { memory, idleMsMax, signal });
      return { isDone: true, bytes, durationMs: performance.now() - beginMs };
    } catch (error) {
      // Whatever it was, the request goes on without these blocks or ends, and the reason is told there.
      return { isDone: false, reason: (error as Error).message };
    }
  }
}
