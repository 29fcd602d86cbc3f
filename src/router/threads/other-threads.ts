import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import type { Logger, MetricsSnapshot } from "../../telemetry/mod.ts";
import type { HealthReport } from "../ranks/health-report.ts";
import type { RankTable } from "../ranks/rank-table.ts";
import type { MessageFromThread, MessageToThread } from "./messages.ts";
import type { ThreadSetting } from "./thread-setting.ts";

/** What the first thread does for the others. */
export interface OtherThreadsOptions {
  readonly count: number;
  readonly setting: Omit<ThreadSetting, "changes">;
  readonly table: RankTable;
  readonly logger: Logger;
  readonly onReport: (report: HealthReport) => void;
  /** The metrics of all threads as text. */
  readonly expose: () => Promise<string>;
  /** How long they let their requests finish. */
  readonly drainMsMax: number;
}

const startMsMax = 60_000;
/** From the end of a drain, or the order to close, until a thread is waited for no more. */
const endMsMax = 5_000;
/** A thread that is held for longer is left out of one reading of the metrics. */
const snapshotMsMax = 2_000;

/**
 * The threads of a router beside the first. They stand and fall together: one that ends unasked takes the process with it,
 * since what it had shared would stay counted for ever.
 */
export class OtherThreads {
  readonly #options: OtherThreadsOptions;
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, (snapshot: MetricsSnapshot) => void>();
  #askedCount = 0;
  #isEnding = false;

  private constructor(options: OtherThreadsOptions) {
    this.#options = options;
    const { count, setting, table } = options;
    const changes = table.snapshot();
    const workerData: ThreadSetting = { ...setting, changes };
    const file = new URL("./router-thread.ts", import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(file, { workerData }));
    table.listeners.add((change) => this.#send({ kind: "rank", change }));
  }

  /** @throws PenstockError ROUTER_THREAD_FAILED */
  static async start(options: OtherThreadsOptions): Promise<OtherThreads> {
    const threads = new OtherThreads(options);
    try {
      await Promise.all(threads.#workers.map((worker) => threads.#startOne(worker)));
    } catch (error) {
      await threads.#end();
      throw error;
    }
    return threads;
  }

  /** What each of them has counted. */
  async snapshots(): Promise<readonly MetricsSnapshot[]> {
    const found = await Promise.all(this.#workers.map((worker) => this.#snapshotOf(worker)));
    return found.filter((snapshot) => snapshot !== undefined);
  }

  /** Lets them finish their requests within the limit. They listen on: the kernel gives them newcomers still. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    const drained = this.#eachHas("drained");
    this.#send({ kind: "drain" });
    await within(this.#options.drainMsMax + endMsMax, drained);
  }

  /** Ends them, who are drained. */
  async close(): Promise<void> {
    this.#isEnding = true;
    const ended = this.#eachHas("ended");
    this.#send({ kind: "close" });
    await within(endMsMax, ended);
    await this.#end();
  }

  /** When each of them has said that it is drained, or else has ended. */
  async #eachHas(what: "drained" | "ended"): Promise<void> {
    const each = this.#workers.map(async (worker) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      worker.once("exit", () => resolve());
      if (what === "drained") {
        worker.on("message", ({ kind }: MessageFromThread) => kind === "drained" && resolve());
      }
      return promise;
    });
    await Promise.all(each);
  }

  async #startOne(worker: Worker): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (reason: string) => reject(new PenstockError("ROUTER_THREAD_FAILED", { reason }));
    const timer = setTimeout(() => fail(`it did not start in ${startMsMax / 1_000} s`), startMsMax);
    worker.on("message", (message: MessageFromThread) => {
      if (message.kind === "listening") resolve();
      else if (message.kind === "failed") fail(message.reason);
      else this.#take(worker, message);
    });
    worker.on("error", (error) => fail(String(error)));
    worker.on("exit", () => fail("it ended"));
    await promise.finally(() => clearTimeout(timer));
    worker.on("error", (error) => this.#onCrash(error));
    worker.on("exit", () => this.#onCrash(new Error("A thread of the router ended")));
  }

  #take(worker: Worker, message: MessageFromThread): void {
    const { logger, onReport } = this.#options;
    switch (message.kind) {
      case "report":
        return onReport(message.report);
      case "log":
        return logger[message.level](message.message, message.facts);
      case "snapshot":
        this.#waiting.get(message.id)?.(message.snapshot as MetricsSnapshot);
        return;
      case "expose":
        void this.#answerExposition(worker, message.id);
        return;
      case "drained":
        return; // Whoever has asked for it waits for it.
      default:
        assert.fail(`Message out of place: ${message.kind}`);
    }
  }

  async #answerExposition(worker: Worker, id: number): Promise<void> {
    const text = await this.#options.expose();
    const answer: MessageToThread = { kind: "exposition", id, text };
    worker.postMessage(answer);
  }

  async #snapshotOf(worker: Worker): Promise<MetricsSnapshot | undefined> {
    const id = this.#askedCount++;
    const { promise, resolve } = Promise.withResolvers<MetricsSnapshot | undefined>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(() => resolve(undefined), snapshotMsMax);
    const message: MessageToThread = { kind: "snapshot", id };
    worker.postMessage(message);
    const snapshot = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    return snapshot;
  }

  #send(message: MessageToThread): void {
    for (const worker of this.#workers) worker.postMessage(message);
  }

  #onCrash(error: Error): void {
    if (this.#isEnding) return;
    this.#options.logger.fatal("A thread of the router ended", { reason: error.message });
    throw error;
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Waits for no longer than that. */
async function within(timeoutMs: number, awaited: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([awaited, late]);
  clearTimeout(timer);
}
