import { loadModel } from "./load-model.ts";
import { runCoreWorker } from "./run-core-worker.ts";

await runCoreWorker(loadModel);
