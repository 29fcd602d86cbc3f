import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { eventually } from "./eventually.ts";
import { findServerPort } from "./free-ports.ts";
import { readMetric } from "./metrics.ts";
import { descendantsOf, isRunning } from "./processes.ts";

export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Deployment {
  readonly url: string;
  readonly port: number;
  readonly rankUrls: readonly string[];
  readonly client: OpenAI;
  readonly process: ChildProcess;
  /** Pids of the whole tree, the started process included. */
  pids(): readonly number[];
  /** Standard output and standard error so far. */
  output(): string;
  /** Sends SIGINT and waits until every process of the tree is gone. */
  stop(): Promise<{ readonly exitCode: number | null }>;
}

export interface DeploymentOptions {
  readonly rankCount?: number;
  readonly flags?: readonly string[];
  /** How it is started. Default: `npm start --`. */
  readonly command?: readonly string[];
}

export const npmStart = ["npm", "start", "--"] as const;
export const penstockServe = [
  process.execPath,
  join(repositoryRoot, "bin", "penstock.js"),
  "serve",
] as const;

/** Starts a deployment as a user would and waits until the router has seen every rank. */
export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const rankCount = options.rankCount ?? 1;
  const port = await findServerPort(rankCount);
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    "--server.port",
    String(port),
    "--parallel.dp",
    String(rankCount),
    ...(options.flags ?? []),
  ];
  const started = startCommand([...(options.command ?? npmStart), ...flags]);
  const pids = () => [
    started.process.pid!,
    ...descendantsOf(started.process.pid!).map(({ pid }) => pid),
  ];
  try {
    await Promise.race([
      eventually("every rank to be up", () => isComplete(url, rankCount), 120_000),
      started.exited.then((code) => Promise.reject(new Error(`It ended with exit code ${code}`))),
    ]);
  } catch (error) {
    for (const pid of pids()) kill(pid);
    started.clean();
    throw new Error(`The deployment did not start:\n${started.output()}`, { cause: error });
  }
  return {
    url,
    port,
    rankUrls: Array.from(
      { length: rankCount },
      (_, rank) => `http://127.0.0.1:${port + 100 + rank}`,
    ),
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0, timeout: 60_000 }),
    process: started.process,
    pids,
    output: () => started.output(),
    stop: () => stop(started, pids()),
  };
}

export interface StartedCommand {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** Removes the output directory that the command was given. */
  clean(): void;
}

/** Starts a command in the repository with an output directory of its own. */
export function startCommand(argv: readonly string[]): StartedCommand {
  const outputDirectory = mkdtempSync(join(tmpdir(), "penstock-test-"));
  const [program, ...rest] = [...argv, "--output-dir", outputDirectory];
  const child = spawn(program, rest, {
    cwd: repositoryRoot,
    stdio: ["ignore", "pipe", "pipe"],
    // Not among those that whoever runs the tests has running.
    env: {
      PENSTOCK_RUNTIME_DIR: join(outputDirectory, "run"),
      // No test asks a hub that is not its own.
      HF_HUB_OFFLINE: "1",
      ...process.env,
    },
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    process: child,
    exited,
    output: () => Buffer.concat(chunks).toString(),
    clean: () => rmSync(outputDirectory, { recursive: true, force: true }),
  };
}

async function stop(
  started: StartedCommand,
  pids: readonly number[],
): Promise<{ exitCode: number | null }> {
  try {
    started.process.kill("SIGINT");
    await eventually(
      "every process to end",
      () => pids.every((pid) => !isRunning(pid)) || undefined,
      15_000,
    );
    return { exitCode: await started.exited };
  } finally {
    for (const pid of pids.filter(isRunning)) kill(pid);
    started.clean();
  }
}

/** The router answers for its first rank already; a session whose rank comes later would move to it then. */
async function isComplete(url: string, rankCount: number): Promise<boolean> {
  return (await readMetric(url, "penstock_router_rank_up")) === rankCount;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already, which is what was wanted.
  }
}
