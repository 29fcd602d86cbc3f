import { startCommand } from "./deployment.ts";
import { descendantsOf } from "./processes.ts";

export interface EndedCommand {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a command that is expected to end by itself, and fails when it does not within the time. */
export async function runToEnd(argv: readonly string[], timeoutMs = 60_000): Promise<EndedCommand> {
  const started = startCommand(argv);
  const timer = setTimeout(() => {
    for (const { pid } of descendantsOf(started.process.pid!)) process.kill(pid, "SIGKILL");
    started.process.kill("SIGKILL");
  }, timeoutMs);
  try {
    return { exitCode: await started.exited, output: started.output() };
  } finally {
    clearTimeout(timer);
    started.clean();
  }
}
