import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { processTree } from "./cpu-time.ts";

const stopMsMax = 10_000;

/** The processes of one run; none outlives it. */
export class ChildProcesses {
  readonly #children = new Set<ChildProcess>();
  #isStopping = false;

  /** Runs a program whose output goes to the end of a file. */
  spawn(argv: readonly string[], logFile: string, environment: NodeJS.ProcessEnv): ChildProcess {
    this.#assertOpen();
    const [program = "", ...words] = argv;
    const log = openSync(logFile, "a");
    try {
      const stdio = ["ignore", log, log] as const;
      return this.#add(spawn(program, words, { stdio: [...stdio], env: environment }));
    } finally {
      closeSync(log);
    }
  }

  /** Runs a file of this folder that talks by messages; it ends by itself when this process does. */
  fork(file: string, ...words: readonly string[]): ChildProcess {
    this.#assertOpen();
    return this.#add(fork(file, words, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
  }

  /** Ends a program with SIGTERM, or kills it and all below it where that does not help in time. */
  async stop(child: ChildProcess): Promise<void> {
    if (isRunning(child)) {
      const ended = once(child, "exit");
      const timer = setTimeout(() => this.#kill(child), stopMsMax);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(timer);
    }
    this.#children.delete(child);
  }

  /** Nothing can be started from here on. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#children].map((child) => this.stop(child)));
  }

  #assertOpen(): void {
    assert.ok(!this.#isStopping, "the run is over");
  }

  #add(child: ChildProcess): ChildProcess {
    this.#children.add(child);
    child.once("error", () => undefined); // One that cannot be started is seen not to run.
    return child;
  }

  #kill(child: ChildProcess): void {
    if (child.pid === undefined) return;
    for (const pid of processTree(child.pid)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

export function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
