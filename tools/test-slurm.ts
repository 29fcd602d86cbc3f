/**
 * Runs the tests that need a Slurm cluster, each file with a cluster of its own: `npm run test:slurm`, or with the
 * files to run, `npm run test:slurm -- test/slurm/lab.test.ts`. It installs Debian's packages of Slurm where they are
 * missing and needs root. Arguments that begin with a dash go to Node (`--test-name-pattern=…`).
 *
 * `--if-possible`: where the machine cannot hold a cluster the reason is printed and the exit code is 0, not 1.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, missingPackages } from "../test/support/slurm-lab/packages.ts";
import { whyNoLab } from "../test/support/slurm-lab/why-no-lab.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fileMsMax = 600_000;
const closeMsMax = 60_000;
const stopSignals = ["SIGINT", "SIGTERM"] as const;
let isInterrupted = false;

const given = process.argv.slice(2);
const ifPossible = given.includes("--if-possible");
const options = given.filter((word) => word.startsWith("-") && word !== "--if-possible");
const files = given.filter((word) => !word.startsWith("-"));

const reason = await whyNotReady();
if (reason === undefined) await runFiles();
else {
  say(`Cannot run the Slurm tests on this machine: it ${reason}`);
  process.exitCode = ifPossible ? 0 : 1;
}

async function whyNotReady(): Promise<string | undefined> {
  const missing = missingPackages();
  const reason = whyNoLab();
  if (reason !== undefined || missing.length === 0) return reason;
  say(`Installing ${missing.join(", ")}`);
  try {
    await installPackages();
  } catch (error) {
    return `cannot install ${missing.join(", ")}: ${(error as Error).message}`;
  }
  // With the packages there is more to try.
  return whyNoLab();
}

/** Each file in a process of its own, so that a file's cluster is gone when the next one starts. */
async function runFiles(): Promise<void> {
  const paths = files.length > 0 ? files : globSync("test/slurm/*.test.ts", { cwd: root }).sort();
  const failed: string[] = [];
  for (const path of paths) {
    say(`\n== ${path}`);
    const startedMs = Date.now();
    if (!(await runFile(path))) failed.push(path);
    say(`${path} took ${((Date.now() - startedMs) / 1_000).toFixed(0)} s`);
    if (isInterrupted) return;
  }
  say(failed.length === 0 ? "\nOk" : `\nNot ok: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** A file that is told to end closes its cluster first; one that does not within a minute is killed. */
async function runFile(path: string): Promise<boolean> {
  const words = ["--import=./tools/test-setup.ts", ...options, path];
  const child = spawn(process.execPath, words, { cwd: root, stdio: "inherit" });
  const stop = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), closeMsMax).unref();
  };
  const interrupt = (): void => {
    isInterrupted = true;
    process.exitCode = 1;
    stop();
  };
  const timer = setTimeout(stop, fileMsMax);
  for (const signal of stopSignals) process.on(signal, interrupt);
  const exitCode = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  for (const signal of stopSignals) process.removeListener(signal, interrupt);
  return exitCode === 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
