import { PhaseClock } from "../../control/phase-clock.ts";
import type { NodeStatus } from "../files/node-status.ts";
import { replaceFile } from "../files/replace-file.ts";

export interface StatusWriterOptions {
  readonly file: string;
  readonly status: () => Omit<NodeStatus, "writtenAtMs">;
  /** Hears of a file that could not be written; the next try follows by itself. */
  readonly onError: (error: Error) => void;
  /** Default 1 s. */
  readonly intervalMsMin?: number;
  /** Default 10 s. */
  readonly heartbeatMs?: number;
}

/** Keeps a node's status file up to date: soon after a change, not too often, and now and then as a sign of life. */
export class StatusWriter {
  readonly #options: Required<StatusWriterOptions>;
  readonly #clock = new PhaseClock();
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();
  #isClosed = false;
  #dueAtMs = Infinity;
  #writtenAtMs = -Infinity;

  constructor(options: StatusWriterOptions) {
    this.#options = { intervalMsMin: 1_000, heartbeatMs: 10_000, ...options };
    this.changed();
  }

  /** Writes soon. */
  changed(): void {
    this.#scheduleAt(this.#writtenAtMs + this.#options.intervalMsMin);
  }

  /** Writes the last word and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  #scheduleAt(atMs: number): void {
    if (this.#isClosed || atMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#writing = this.#write();
      },
      Math.max(0, atMs - Date.now()),
    );
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const { file, status, onError, heartbeatMs } = this.#options;
    this.#dueAtMs = Infinity;
    this.#writtenAtMs = Date.now();
    this.#scheduleAt(this.#writtenAtMs + heartbeatMs);
    const stated = status();
    const { phaseSinceMs } = this.#clock.stamp(stated);
    const text = { ...stated, phaseSinceMs, writtenAtMs: this.#writtenAtMs };
    try {
      // One line: several files can be read as one stream.
      await replaceFile(file, `${JSON.stringify(text)}\n`);
    } catch (error) {
      onError(error as Error);
    }
  }
}
