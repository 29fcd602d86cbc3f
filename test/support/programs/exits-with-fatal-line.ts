/** exits-with-fatal-line.ts: names the cause of its end in a log line, as the commands of Penstock do. */
import { createLogger } from "../../../src/telemetry/mod.ts";

const logger = createLogger({ name: "rank-0", format: "json" });
logger.info("Loading", { event: "progress", stage: "load weights", done: 0.5 });
logger.fatal('Cannot load the model in "m": the file "x.safetensors" is missing', {
  code: "MODEL_FILE_MISSING",
  hint: 'Copy "x.safetensors" into "m"',
});
process.exitCode = 1;
