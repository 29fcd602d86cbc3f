import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";

const root = join(import.meta.dirname, "..", "..");
const programs = join(root, "test", "support", "programs");

export interface TestProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output so far. */
  output(): string;
  /** Resident memory. */
  readonly rssBytes: number;
  /** CPU time of all its threads so far. */
  readonly cpuMs: number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface RouterProcess extends TestProcess {
  readonly url: string;
  readonly port: number;
}

type Scene = Pick<TestContext, "after">;

/** A program of test/support/programs; ended with the test. */
export function startProgram(scene: Scene, name: string, args: readonly unknown[]): TestProcess {
  return start(scene, [join(programs, `${name}.ts`), ...args.map(String)]);
}

/** A rank of test/support/programs/stream-rank.ts; gives its URL. */
export async function startStreamRank(
  scene: Scene,
  port?: number,
): Promise<TestProcess & { readonly url: string; readonly port: number }> {
  const own = port ?? (await findServerPort(0));
  const rank = startProgram(scene, "stream-rank", [own]);
  await eventually("the rank listens", () => rank.output().includes("listening"));
  return withUrl(rank, own);
}

export interface RouterProcessOptions {
  readonly rankUrls: readonly string[];
  readonly flags?: readonly string[];
  readonly port?: number;
  /** File descriptors it may have. */
  readonly descriptorsMax?: number;
}

/** `penstock router` as users run it, once its ranks are up. */
export async function startRouterProcess(
  scene: Scene,
  { rankUrls, flags = [], port, descriptorsMax }: RouterProcessOptions,
): Promise<RouterProcess> {
  const own = port ?? (await findServerPort(0));
  const words = [
    join(root, "bin", "penstock.js"),
    "router",
    "--port",
    String(own),
    ...rankUrls.flatMap((url) => ["--worker-urls", url]),
    ...flags,
  ];
  const router = start(scene, words, descriptorsMax);
  await eventually("the ranks are up", () => {
    if (router.child.exitCode !== null) throw new Error(router.output());
    return router.output().split("Rank is up").length > rankUrls.length;
  });
  return withUrl(router, own);
}

function withUrl<Started extends TestProcess>(started: Started, port: number) {
  return Object.create(started, {
    url: { value: `http://127.0.0.1:${port}` },
    port: { value: port },
  }) as Started & { readonly url: string; readonly port: number };
}

function start(scene: Scene, words: readonly string[], descriptorsMax?: number): TestProcess {
  const command =
    descriptorsMax === undefined
      ? [process.execPath, ...words]
      : ["bash", "-c", `ulimit -n ${descriptorsMax}; exec "$0" "$@"`, process.execPath, ...words];
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, "exit");
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  scene.after(() => kill("SIGKILL"));
  return {
    child,
    pid: child.pid!,
    output: () => output,
    get rssBytes() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1_024;
    },
    get cpuMs() {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    kill,
  };
}
