import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface FakeSupervisor {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly socketPath: string;
  /** Resolves with the exit code, null where a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts `fake-supervisor.ts` with this runtime directory and ends it with the test. */
export async function startFakeSupervisor(
  context: Pick<TestContext, "after">,
  directory: string,
  ...argv: readonly string[]
): Promise<FakeSupervisor> {
  const program = join(import.meta.dirname, "fake-supervisor.ts");
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, PENSTOCK_RUNTIME_DIR: directory },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  context.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const [line] = (await once(child.stdout, "data", { signal: AbortSignal.timeout(60_000) })) as [
    Buffer,
  ];
  return { process: child, pid: child.pid!, socketPath: line.toString().trim(), exited };
}
