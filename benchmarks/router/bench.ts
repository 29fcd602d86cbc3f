import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { findServerPort } from "../../test/support/free-ports.ts";
import { ChildProcesses, isRunning } from "./child-processes.ts";
import { processTree } from "./cpu-time.ts";
import type { LoadJob, LoadReply, LoadResult } from "./load-process.ts";
import { accessLogName, commandOf, type RouterName } from "./routers.ts";
import { path } from "./traffic.ts";

const rankCount = 4;
const startMsMax = 60_000;
const logCharsShown = 3_000;

export interface RunningRouter {
  readonly name: RouterName;
  readonly port: number;
  readonly child: ChildProcess;
  readonly accessLogFile: string;
}

export interface StartOptions {
  readonly workerCount: number;
  readonly profileFile?: { readonly folder: string; readonly name: string } | undefined;
}

/** The ranks, the clients and the routers of one run, in a folder of its own. */
export class Bench {
  readonly rankPorts: readonly number[];
  readonly #children: ChildProcesses;
  readonly #clients: ChildProcess;
  readonly #folder: string;

  private constructor(
    children: ChildProcesses,
    clients: ChildProcess,
    rankPorts: readonly number[],
  ) {
    this.#children = children;
    this.#clients = clients;
    this.rankPorts = rankPorts;
    this.#folder = mkdtempSync(join(tmpdir(), "penstock-bench-"));
  }

  static async open(): Promise<Bench> {
    const children = new ChildProcesses();
    const fork = (file: string, ...words: readonly string[]) =>
      children.fork(join(import.meta.dirname, file), ...words);
    try {
      const ranks = fork("rank-process.ts", String(rankCount));
      const rankPorts = (await nextMessage(ranks, startMsMax)) as readonly number[];
      return new Bench(children, fork("load-process.ts"), rankPorts);
    } catch (error) {
      await children.stopAll();
      throw error;
    }
  }

  /** Starts a router and waits until a request goes through it. */
  async start(name: RouterName, options: StartOptions): Promise<RunningRouter> {
    const port = await findServerPort(1);
    const folder = join(this.#folder, `${name}-${port}`);
    mkdirSync(folder);
    const command = commandOf(name, { ...options, port, folder, rankPorts: this.rankPorts });
    const logFile = join(folder, "output.log");
    const child = this.#children.spawn(command.argv, logFile, command.environment);
    const endMs = performance.now() + startMsMax;
    while (!(await answers(port))) {
      if (child.pid === undefined || !isRunning(child) || performance.now() > endMs) {
        const log = readFileSync(logFile, "utf8").slice(-logCharsShown);
        throw new Error(`${name} does not answer. Its output:\n${log}`);
      }
      await sleep(100);
    }
    return { name, port, child, accessLogFile: join(folder, accessLogName) };
  }

  async stop(router: RunningRouter): Promise<void> {
    await this.#children.stop(router.child);
  }

  /** Loads a router and measures what all its processes use. */
  loadRouter(
    { port, child }: RunningRouter,
    job: Omit<LoadJob, "port" | "pids">,
  ): Promise<LoadResult> {
    return this.load({ ...job, port, pids: processTree(child.pid!) });
  }

  /** @throws Error A request was not answered as it must be, or a process has ended. */
  async load(job: LoadJob): Promise<LoadResult> {
    this.#clients.send(job);
    const waitMs = (job.warmSeconds + job.seconds) * 1_000 + startMsMax;
    const reply = (await nextMessage(this.#clients, waitMs)) as LoadReply;
    if ("error" in reply) throw new Error(reply.error);
    return reply.result;
  }

  async close(): Promise<void> {
    await this.#children.stopAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function nextMessage(child: ChildProcess, waitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer);
      child.off("exit", onExit);
      child.off("message", onMessage);
      end();
    };
    const onExit = () => settle(() => reject(new Error("A process of the benchmark ended")));
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onTimeout = () => settle(() => reject(new Error("A process of the benchmark is silent")));
    const timer = setTimeout(onTimeout, waitMs);
    child.once("exit", onExit);
    child.once("message", onMessage);
  });
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Ready?" }] }),
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // Nobody listens yet.
  }
}
