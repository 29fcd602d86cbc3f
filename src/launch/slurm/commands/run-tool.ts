import { execFile } from "node:child_process";
import { PenstockError } from "../../../errors/mod.ts";

const timeoutMsDefault = 30_000;
const outputBytesMax = 8 * 1024 * 1024;

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  /** Default 30 s. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** One of Slurm's programs and its arguments, run to its end; its times are written as the parsers take them. */
export type RunTool = (argv: readonly string[], options?: ToolOptions) => Promise<ToolResult>;

/**
 * Runs one of Slurm's programs. A program that says no is a result, with its exit code.
 *
 * @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED when it does not end in time, says more than is read,
 * or is killed
 */
export const runTool: RunTool = (argv, options = {}) => {
  const [program, ...words] = argv;
  const { timeoutMs = timeoutMsDefault, env = process.env } = options;
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult>();
  const settings = {
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: outputBytesMax,
    env: { ...env, SLURM_TIME_FORMAT: "standard", LC_ALL: "C" },
  } as const;
  const child = execFile(program!, words, settings, (error, stdout, stderr) => {
    const exitCode = error === null ? 0 : error.code;
    if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr });
    else reject(explain(program!, error!, timeoutMs));
  });
  child.stdin?.end();
  return promise;
};

/** Why a program said no, in its own words. */
export function reasonOf({ exitCode, stderr }: ToolResult): string {
  return stderr.trim() || `it ended with exit code ${exitCode}`;
}

function explain(program: string, error: Error, timeoutMs: number): PenstockError {
  const { code, killed } = error as { readonly code?: unknown; readonly killed?: boolean };
  if (code === "ENOENT") return new PenstockError("SBATCH_MISSING", { program });
  const reason =
    code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER"
      ? `it wrote more than ${outputBytesMax} bytes`
      : killed === true
        ? `it did not end within ${timeoutMs} ms`
        : error.message;
  return new PenstockError("SLURM_TOOL_FAILED", { program, reason }, { cause: error });
}
