import { runCoreWorker } from "../worker/run-core-worker.ts";
import { loadFakeModel } from "./load-fake-model.ts";

await runCoreWorker(loadFakeModel);
