import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually } from "./eventually.ts";

const bin = join(import.meta.dirname, "..", "..", "bin", "penstock.js");

export interface RunningCommand {
  /** Standard output so far. */
  output(): string;
  /** Waits until standard output matches. */
  shows(pattern: RegExp): Promise<void>;
  /** Stops reading, as `| head` does when it has enough. */
  hangUp(): void;
  readonly exited: Promise<number | null>;
}

/** Starts a `penstock` command that is looked at while it runs, and ends it with the test. */
export function startPenstock(
  context: Pick<TestContext, "after">,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): RunningCommand {
  const child = spawn(process.execPath, [bin, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  context.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return {
    output: () => output,
    shows: async (pattern) => {
      await eventually(`${pattern} in "${words.join(" ")}"`, () => pattern.test(output), 60_000);
    },
    hangUp: () => void child.stdout.destroy(),
    exited,
  };
}
