import { spawn, type SpawnOptions } from "node:child_process";
import { descendantsOf } from "../processes.ts";

export interface ProgramEnd {
  /** Null when a signal ended it, the one of the time limit included. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

const outputBytesMax = 4 * 1024 * 1024;

/** Runs a program to its end; past the time it is killed with all its descendants. The output is cut at 4 MiB. */
export async function runProgram(
  argv: readonly string[],
  { timeoutMs = 30_000, env = process.env }: ProgramOptions = {},
): Promise<ProgramEnd> {
  const [program, ...words] = argv;
  const options: SpawnOptions = { env, stdio: ["ignore", "pipe", "pipe"] };
  const child = spawn(program!, words, options);
  const stdout = collect(child.stdout!);
  const stderr = collect(child.stderr!);
  const timer = setTimeout(() => killTree(child.pid!), timeoutMs);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { exitCode, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
  }
}

/** Its standard output; an end with anything but 0 throws with what the program said. */
export async function outputOf(
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(argv, options);
  if (exitCode === 0) return stdout;
  throw new Error(`"${argv.join(" ")}" ended with ${exitCode}:\n${stdout}${stderr}`);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < outputBytesMax) chunks.push(chunk);
    bytes += chunk.byteLength;
  });
  return () => Buffer.concat(chunks).subarray(0, outputBytesMax).toString();
}

function killTree(pid: number): void {
  for (const one of [pid, ...descendantsOf(pid).map((process) => process.pid)]) kill(one);
}

/** SIGKILL for a process that may be gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already, which is what was wanted.
  }
}
