/**
 * runs-server.ts HOW: runs a server as the commands engine and router do. HOW is what becomes of it: "serves",
 * "dies" soon after its start, "fails" to start, "breaks" with a bug, "finds-port-taken", "finds-other-port-taken",
 * "lingers" when it is told to close, is "slow" and fails to start when it is told not to, or "starts-late" then.
 */
import { once } from "node:events";
import { runServer, type RunningServer } from "../../../src/cli/run/run-server.ts";
import { PenstockError } from "../../../src/errors/mod.ts";
import type { Logger } from "../../../src/telemetry/mod.ts";

const [how] = process.argv.slice(2);
const { stdout, stderr, env } = process;
const context: Parameters<typeof runServer>[0] = { process: { stdout, stderr, env } };
const keepAlive = setInterval(() => {}, 60_000);

async function start(logger: Logger, signal: AbortSignal): Promise<RunningServer> {
  const facts = { directory: "m", file: "config.json", purpose: "the model's shape" };
  if (how === "fails") throw new PenstockError("MODEL_FILE_MISSING", facts);
  if (how === "breaks") throw new TypeError("x is not a function");
  if (how === "finds-port-taken") throw Object.assign(new Error("E"), { code: "EADDRINUSE" });
  if (how === "finds-other-port-taken")
    throw new PenstockError("PORT_IN_USE", {
      port: 1,
      purpose: "the side channel",
      holder: "somebody",
      flag: "--kv-side-channel-port",
    });
  if (how === "slow" || how === "starts-late") {
    stdout.write("starting\n");
    await once(signal, "abort");
  }
  if (how === "slow") throw new Error("told to stop");
  logger.info("Listening", { url: "http://127.0.0.1:1" });
  return {
    url: "http://127.0.0.1:1",
    close:
      how === "lingers" ? linger : async () => await Promise.resolve(void stdout.write("closed\n")),
    ...(how === "dies" && { died: Promise.resolve(new Error("out of memory")) }),
  };
}

/** Closes never: it is cut after `closeMsMax`, or at once by whoever presses Ctrl-C again. */
async function linger(): Promise<void> {
  stdout.write("closing\n");
  await new Promise(() => {});
}

try {
  await runServer(context, {
    name: "test",
    logLevel: "info",
    port: 1,
    closeMsMax: how === "lingers" ? 60_000 : 3_000,
    start,
  });
} catch (error) {
  stdout.write(`thrown ${String(error)}\n`);
}
clearInterval(keepAlive);
process.exitCode = Number(context.process.exitCode ?? 0);
