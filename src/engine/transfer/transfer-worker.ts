import { parentPort, workerData } from "node:worker_threads";
import { packError } from "../packed-error.ts";
import type { TransferStart, TransferWorkerData } from "./messages.ts";
import { runTransferWorker } from "./run-transfer-worker.ts";

const tell = (start: TransferStart): void => parentPort?.postMessage(start);

try {
  await runTransferWorker(workerData as TransferWorkerData, (port) =>
    tell({ kind: "ready", port }),
  );
} catch (error) {
  tell({ kind: "failed", error: packError(error) });
}
