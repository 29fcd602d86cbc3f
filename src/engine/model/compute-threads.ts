import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import type { ComputeWorkerData } from "./compute-worker.ts";
import type { StepControl } from "./step-control.ts";

const startMsMax = 60_000;
const stopMsMax = 5_000;

/** The threads beside thread 0, which is the caller's own. */
export class ComputeThreads {
  readonly #workers: readonly Worker[];
  readonly #control: StepControl;

  private constructor(workers: readonly Worker[], control: StepControl) {
    this.#workers = workers;
    this.#control = control;
  }

  /**
   * Starts threads 1 to seat.count - 1 and waits until all are ready. `control` is thread 0's.
   *
   * @throws PenstockError MODEL_THREAD_FAILED
   */
  static async start(data: ComputeWorkerData, control: StepControl): Promise<ComputeThreads> {
    const { count } = data.seat;
    const workers = Array.from({ length: count - 1 }, (_, i) => startWorker(data, i + 1));
    const threads = new ComputeThreads(workers, control);
    try {
      await Promise.all(workers.map((worker, i) => untilReady(worker, i + 1)));
    } catch (error) {
      await threads.close();
      throw error;
    }
    threads.#watch();
    return threads;
  }

  async close(): Promise<void> {
    this.#control.stop();
    await Promise.all(this.#workers.map(endWorker));
  }

  /** A thread that dies between two steps makes the next step throw. */
  #watch(): void {
    for (const worker of this.#workers) {
      worker.on("error", (error) => this.#control.fail(error));
      worker.on("exit", () => {
        if (!this.#control.isOver) this.#control.fail(new Error("a compute thread has ended"));
      });
    }
  }
}

function startWorker(data: ComputeWorkerData, index: number): Worker {
  const workerData: ComputeWorkerData = { ...data, seat: { ...data.seat, index } };
  const worker = new Worker(new URL("./compute-worker.ts", import.meta.url), { workerData });
  worker.on("error", () => {}); // Told by untilReady or the watch; without a listener it would end the process.
  return worker;
}

async function untilReady(worker: Worker, thread: number): Promise<void> {
  const signal = AbortSignal.timeout(startMsMax);
  try {
    await Promise.race([
      once(worker, "message", { signal }),
      once(worker, "exit", { signal }).then(() => Promise.reject(new Error("it has ended"))),
    ]);
  } catch (cause) {
    const facts = { thread, reason: `it did not start: ${(cause as Error).message}` };
    throw new PenstockError("MODEL_THREAD_FAILED", facts, { cause });
  }
}

async function endWorker(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return;
  try {
    await once(worker, "exit", { signal: AbortSignal.timeout(stopMsMax) });
  } catch {
    // It computes something that does not end; a thread can be ended without its consent.
    await worker.terminate();
  }
}
