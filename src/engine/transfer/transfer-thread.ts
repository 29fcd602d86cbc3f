import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { PenstockError } from "../../errors/mod.ts";
import type { KvMemory } from "../kv-memory.ts";
import { unpackError } from "../packed-error.ts";
import type { KvTransferOptions } from "../types.ts";
import { closeMsMax } from "./limits.ts";
import type { MessageToTransfer, TransferStart, TransferWorkerData } from "./messages.ts";

/** The thread that carries blocks, as the engine's thread sees it. */
export class TransferThread {
  /** Brings MessageFromTransfer. */
  readonly port: MessagePort;
  /** Where the side channel listens; 0 for a consumer. */
  readonly sideChannelPort: number;
  /** Rejects when the thread ends by itself; never resolves. */
  readonly died: Promise<never>;
  readonly #worker: Worker;
  #isClosing = false;

  private constructor(worker: Worker, port: MessagePort, sideChannelPort: number) {
    this.#worker = worker;
    this.port = port;
    this.sideChannelPort = sideChannelPort;
    const { promise, reject } = Promise.withResolvers<never>();
    this.died = promise;
    this.died.catch(() => {}); // Whoever waits for it hears it; a death while nobody does is told at the next wait.
    worker.on("error", reject);
    worker.on("exit", (exitCode) => {
      if (!this.#isClosing) reject(new PenstockError("ENGINE_THREAD_ENDED", { exitCode }));
    });
  }

  /** @throws PenstockError PORT_IN_USE, SERVER_CANNOT_LISTEN */
  static async start(options: KvTransferOptions, memory: KvMemory): Promise<TransferThread> {
    const { port1, port2 } = new MessageChannel();
    const workerData: TransferWorkerData = { options, memory, port: port2 };
    const url = new URL("./transfer-worker.ts", import.meta.url);
    const worker = new Worker(url, { name: "kv-transfer", workerData, transferList: [port2] });
    const [start] = await Promise.race([
      once(worker, "message") as Promise<[TransferStart]>,
      once(worker, "exit").then(([exitCode]) => {
        throw new PenstockError("ENGINE_THREAD_ENDED", { exitCode: Number(exitCode) });
      }),
    ]);
    if (start.kind === "failed") {
      await worker.terminate();
      throw unpackError(start.error);
    }
    return new TransferThread(worker, port1, start.port);
  }

  send(message: MessageToTransfer): void {
    this.port.postMessage(message);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.send({ kind: "close" });
    try {
      if (this.#worker.threadId !== -1)
        await once(this.#worker, "exit", { signal: AbortSignal.timeout(closeMsMax) });
    } catch {
      // It does not end by itself; a thread can be ended without its consent.
    }
    await this.#worker.terminate();
    this.port.close();
  }
}
