import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { type DeploymentStatus, listDeployments } from "../../src/launch/mod.ts";
import { penstockServe, repositoryRoot } from "./deployment.ts";
import { eventually } from "./eventually.ts";

const startTimeoutMs = 120_000;
const stopTimeoutMs = 30_000;

export interface LocalOptions {
  readonly flags: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Default: one of its own, removed at the end. */
  readonly outputDirectory?: string;
}

/** A process of a deployment, found by the mark in its environment that all of them inherit. */
export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** `penstock serve` as its user runs it, of any shape, and all that it leaves on the machine. */
export class LocalDeployment {
  readonly process: ChildProcess;
  readonly exitCode: Promise<number | null>;
  readonly outputDirectory: string;
  /** Where its control socket is. */
  readonly runtimeDirectory: string;
  readonly #mark = `penstock-test-${randomBytes(6).toString("hex")}`;
  readonly #scratch = mkdtempSync(join(tmpdir(), "penstock-local-"));
  readonly #chunks: Buffer[] = [];

  constructor({ flags, env, outputDirectory }: LocalOptions) {
    this.outputDirectory = outputDirectory ?? join(this.#scratch, "outputs");
    this.runtimeDirectory = join(this.#scratch, "run");
    mkdirSync(this.runtimeDirectory, { mode: 0o700 });
    const [program, ...args] = [...penstockServe, ...flags, "--output-dir", this.outputDirectory];
    this.process = spawn(program, args, {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        XDG_RUNTIME_DIR: this.runtimeDirectory,
        PENSTOCK_TEST_ID: this.#mark,
        ...env,
      },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    this.exitCode = new Promise((resolve) => this.process.once("close", resolve));
  }

  /** Starts one and waits until it serves. */
  static async start(options: LocalOptions): Promise<LocalDeployment> {
    const deployment = new LocalDeployment(options);
    try {
      await deployment.ready();
      return deployment;
    } catch (error) {
      await deployment[Symbol.asyncDispose]();
      throw error;
    }
  }

  async ready(): Promise<void> {
    const isReady = () => this.output().includes("Ctrl-C stops everything") || undefined;
    const ended = this.exitCode.then((code) => {
      throw new Error(`It ended with exit code ${code}:\n${this.output()}`);
    });
    await Promise.race([eventually("the deployment to be ready", isReady, startTimeoutMs), ended]);
    await eventually("every router to have seen every rank", () => this.seesEveryRank());
  }

  /** Sessions whose rank comes later would move to it then. */
  async seesEveryRank(): Promise<boolean> {
    return (await Promise.all(this.urls.map(seesEveryRank))).every(Boolean);
  }

  /** Standard output and standard error so far. */
  output(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** The URLs of the routers, as the ready screen shows them. */
  get urls(): readonly string[] {
    const block = /Endpoint((?:\s+http\S+\/v1)+)/.exec(this.output())?.[1] ?? "";
    return block.trim().split(/\s+/);
  }

  /** What its control socket says. */
  async status(): Promise<DeploymentStatus> {
    const directories = [join(this.runtimeDirectory, "penstock")];
    const { deployments } = await listDeployments({ directories });
    assert.equal(deployments.length, 1, "one deployment in its runtime directory");
    return deployments[0]!.status;
  }

  clientOf(url: string): OpenAI {
    return new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0, timeout: 60_000 });
  }

  /** What runs of it at this moment, wherever in the tree of processes. */
  processes(): readonly MarkedProcess[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && isMarked(name, this.#mark))
      .map((name) => ({ pid: Number(name), command: commandOf(name) }));
  }

  /** The only process whose command line holds all of the words. */
  processWith(...words: readonly string[]): MarkedProcess {
    const found = this.processes().filter(({ command }) =>
      words.every((word) => command.includes(word)),
    );
    assert.equal(found.length, 1, `one process with ${words.join(" and ")}`);
    return found[0]!;
  }

  /** Sends SIGINT, waits for the end and makes sure that nothing is left. */
  async stop(): Promise<number | null> {
    this.process.kill("SIGINT");
    return await this.ended();
  }

  /**
   * Waits for an end that is on its way, and makes sure that nothing is left; but for the directory around what the
   * Plan asks for, where another deployment with the same output directory goes on.
   */
  async ended({ hasNeighbour = false } = {}): Promise<number | null> {
    const shared = hasNeighbour ? this.#plannedDirectories() : undefined;
    const left = () => this.leftovers().filter((name) => name !== shared);
    const isClean = () => left().length === 0 || undefined;
    await eventually("everything to be gone", isClean, stopTimeoutMs).catch(() => {
      assert.deepEqual(left(), [], this.output());
    });
    return await this.exitCode;
  }

  /** Processes, control sockets, shared memory and directories of the deployment that are there at this moment. */
  leftovers(): readonly string[] {
    const shared = readdirSync("/dev/shm").filter((name) => name.includes(this.#mark));
    return [
      ...this.processes().map(({ pid, command }) => `process ${pid} ${command}`),
      ...readdirSync(this.runtimeDirectory, { recursive: true })
        .filter((name) => String(name).endsWith(".sock"))
        .map((name) => `control socket ${String(name)}`),
      ...shared.map((name) => `/dev/shm/${name}`),
      ...[this.#plannedDirectories()].filter((path) => existsSync(path)),
    ];
  }

  /** Around what the Plan asks for outside of the output directory: sockets of vLLM, which have short paths. */
  #plannedDirectories(): string {
    const key = createHash("sha256").update(this.outputDirectory).digest("hex").slice(0, 8);
    return `/tmp/penstock-${key}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.processes()) kill(pid);
    await this.exitCode;
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Whether the router at a URL has found every rank ready. */
export async function seesEveryRank(url: string): Promise<boolean> {
  const response = await fetch(new URL("/metrics", url), { signal: AbortSignal.timeout(5_000) });
  const metrics = await response.text();
  // A router that asks for keys shows its metrics to nobody else, and its health to everybody.
  if (response.status === 401) return (await fetch(new URL("/health", url))).ok;
  const ranks = metrics.split("\n").filter((line) => line.startsWith("penstock_router_rank_up{"));
  return ranks.length > 0 && ranks.every((line) => line.endsWith(" 1"));
}

function isMarked(pid: string, mark: string): boolean {
  return environmentOf(pid).includes(mark) && !isZombie(pid);
}

function environmentOf(pid: string): string {
  return readOr(`/proc/${pid}/environ`);
}

function commandOf(pid: string): string {
  return readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function isZombie(pid: string): boolean {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It has ended in between, or is another user's.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already, which is what was wanted.
  }
}
