import type { PenstockError } from "../../../../errors/mod.ts";
import type { LogEntry } from "../../../control/deployment-source.ts";

/** Batches that wait for a slow reader before the writers are made to wait. */
export const batchesMax = 256;

/** Batches of several writers for one reader. */
export class BatchQueue {
  readonly #waiting: (readonly LogEntry[])[] = [];
  readonly #drains: (() => void)[] = [];
  #writerCount: number;
  #error: PenstockError | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(writerCount: number) {
    this.#writerCount = writerCount;
  }

  /** False when the writer is to wait for `onDrain`. */
  push(batch: readonly LogEntry[]): boolean {
    this.#waiting.push(batch);
    this.#wake.resolve();
    return this.#waiting.length < batchesMax;
  }

  onDrain(listener: () => void): void {
    this.#drains.push(listener);
  }

  finish(error?: PenstockError): void {
    this.#error ??= error;
    this.#writerCount--;
    this.#wake.resolve();
  }

  close(): void {
    this.#writerCount = 0;
    this.#wake.resolve();
  }

  async *batches(): AsyncGenerator<readonly LogEntry[], void, undefined> {
    for (;;) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) yield batch;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#writerCount <= 0) return;
      else {
        for (const drain of this.#drains.splice(0)) drain();
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    }
  }
}
