import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const bin = join(import.meta.dirname, "..", "..", "bin", "penstock.js");
const timeoutMs = 60_000;

/** Runs `penstock` with these words, standard input open, until it ends by itself; kills it when it does not. */
export async function runPenstock(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  // No test asks a hub that is not its own.
  const ours = { NO_COLOR: "1", HF_HUB_OFFLINE: "1" };
  const options = { env: { ...process.env, ...ours, ...env }, timeout: timeoutMs };
  const child = spawn(process.execPath, [bin, ...words], { ...options, killSignal: "SIGKILL" });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit,
  ]);
  return { stdout, stderr, exitCode };
}
