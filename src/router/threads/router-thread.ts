/** Another thread of a router: its own event loop, the same port, the same ranks. */
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { isPenstockError } from "../../errors/mod.ts";
import { type Logger, loggerOf } from "../../telemetry/mod.ts";
import { openDoors } from "../open-doors.ts";
import type { MessageFromThread, MessageToThread } from "./messages.ts";
import type { ThreadSetting } from "./thread-setting.ts";

assert(parentPort !== null);
const port = parentPort;
const setting = workerData as ThreadSetting;

try {
  await run();
} catch (error) {
  if (!isPenstockError(error)) throw error;
  tell({ kind: "failed", reason: error.message });
}

async function run(): Promise<void> {
  const { options, host, port: tcpPort, shared, changes } = setting;
  const doors = await openDoors({
    ...options,
    host,
    port: tcpPort,
    isShared: true,
    logger: tellingLogger(),
    ranks: [],
    thread: { shared, changes, report: (report) => tell({ kind: "report", report }) },
    expose: askForExposition,
  });
  const { core } = doors;
  port.on("message", (message: MessageToThread) => {
    if (message.kind === "rank") core.context.table.apply(message.change);
    else if (message.kind === "snapshot") {
      tell({ kind: "snapshot", id: message.id, snapshot: core.desk.snapshot() });
    } else if (message.kind === "exposition") {
      expositions.get(message.id)?.(message.text);
      expositions.delete(message.id);
    } else if (message.kind === "drain") {
      void doors.drain().finally(() => tell({ kind: "drained" }));
    } else void doors.close().finally(() => port.close());
  });
  tell({ kind: "listening" });
}

const expositions = new Map<number, (text: string) => void>();
let askedCount = 0;

function askForExposition(onText: (text: string) => void): void {
  const id = askedCount++;
  expositions.set(id, onText);
  tell({ kind: "expose", id });
}

function tellingLogger(): Logger {
  return loggerOf(
    (level) =>
      (message, facts = {}) =>
        tell({ kind: "log", level, message, facts }),
  );
}

function tell(message: MessageFromThread): void {
  port.postMessage(message);
}
