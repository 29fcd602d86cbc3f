import type { KvMemory } from "../kv-memory.ts";
import { pullsMax } from "./limits.ts";
import type { MessageFromTransfer, PullResult } from "./messages.ts";
import { type KvSourcePlace, pullBlocks, type PullJob, releaseSource } from "./pull.ts";

export interface PullerOptions {
  readonly memory: KvMemory;
  readonly idleMsMax: number;
  readonly send: (message: MessageFromTransfer) => void;
}

/** The consumer's end: some pulls and farewells at a time, in the order in which they were asked for. */
export class Puller {
  readonly #options: PullerOptions;
  readonly #cancels = new Map<number, AbortController>();
  readonly #farewells = new AbortController();
  readonly #waiting: (() => Promise<void>)[] = [];
  #openCount = 0;

  constructor(options: PullerOptions) {
    this.#options = options;
  }

  pull(pullId: number, job: PullJob): void {
    const cancel = new AbortController();
    this.#cancels.set(pullId, cancel);
    this.#run(async () => {
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
    this.#run(async () => {
      const { memory, idleMsMax, send } = this.#options;
      try {
        await releaseSource(source, { memory, idleMsMax, signal: this.#farewells.signal });
      } catch {
        // The lease ends by its time; what is left to do is to count it.
        send({ kind: "release-failed" });
      }
    });
  }

  /** Ends all that is open or waits. */
  close(): void {
    this.#farewells.abort();
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

  #run(task: () => Promise<void>): void {
    this.#waiting.push(task);
    this.#next();
  }

  #next(): void {
    if (this.#openCount >= pullsMax) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#openCount += 1;
    void task().finally(() => {
      this.#openCount -= 1;
      this.#next();
    });
  }
}
