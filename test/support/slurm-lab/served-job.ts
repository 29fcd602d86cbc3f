import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repositoryRoot } from "../deployment.ts";
import { eventually } from "../eventually.ts";
import { descendantsOf } from "../processes.ts";
import type { SlurmLab } from "./slurm-lab.ts";

export const penstock = [process.execPath, join(repositoryRoot, "bin", "penstock.js")] as const;

export interface Endpoints {
  readonly jobId: string;
  readonly client: readonly string[];
  readonly ranks: readonly string[];
}

export interface ServeOptions {
  readonly lab: SlurmLab;
  /** Of the job; unique in the lab. */
  readonly name: string;
  /** What follows `penstock serve`, from the repository on. */
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Default: a directory that every host sees. */
  readonly outputDirectory?: string;
}

const readyMsMax = 180_000;
const endMsMax = 90_000;
/** Each look costs a program of Slurm, on cores that the deployment needs. */
const pollMs = 250;

/** A `penstock serve` on the login host, and the job that it submits. */
export class ServedJob {
  readonly outputDirectory: string;
  /** Settles when the command has ended. */
  readonly exited: Promise<number | null>;
  readonly #lab: SlurmLab;
  readonly #name: string;
  readonly #holder: ChildProcess;
  #output = "";

  constructor({ lab, name, words, env = {}, outputDirectory }: ServeOptions) {
    this.#lab = lab;
    this.#name = name;
    this.outputDirectory = outputDirectory ?? join(lab.sharedDirectory, name);
    const own = ["--output-dir", this.outputDirectory, "--slurm.job-name", name];
    const command = [...penstock, "serve", ...words, ...own];
    const holder = lab.login.start(command, {
      env: { ...lab.environment, ...env },
      cwd: repositoryRoot,
    });
    this.#holder = holder;
    this.exited = new Promise((resolve) => holder.once("close", resolve));
    for (const stream of [holder.stdout!, holder.stderr!])
      stream.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Standard output and standard error so far. */
  output(): string {
    return this.#output;
  }

  /** The job's number, as soon as Slurm knows the job. */
  async id(): Promise<string> {
    const list = ["squeue", "--noheader", "--states=all", `--name=${this.#name}`, "--format=%i"];
    return await this.#whileServing("the job to be submitted", async () => {
      const ids = (await this.#lab.output(list)).trim().split("\n");
      return ids.at(-1) || undefined;
    });
  }

  /** Waits until the deployment takes requests. */
  async ready(): Promise<Endpoints> {
    const file = join(this.outputDirectory, "endpoints.json");
    return await this.#whileServing("the deployment to be ready", () =>
      existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Endpoints) : undefined,
    );
  }

  /** Waits until the command has said something, and fails with what it said when that never comes. */
  async said(pattern: RegExp): Promise<void> {
    try {
      await eventually(String(pattern), () => pattern.test(this.#output), readyMsMax);
    } catch (error) {
      throw new Error(`serve said:\n${this.#output}`, { cause: error });
    }
  }

  /** Ctrl-C. */
  interrupt(): void {
    const [command] = descendantsOf(this.#holder.pid!);
    if (command !== undefined) process.kill(command.pid, "SIGINT");
  }

  /** Waits until the command ends by itself. */
  async ended(): Promise<number | null> {
    await eventually("serve to end", () => this.#hasEnded() || undefined, endMsMax).catch(
      (error) => {
        throw new Error(`serve said:\n${this.#output}`, { cause: error });
      },
    );
    return await this.exited;
  }

  /** As `scontrol` names it: "RUNNING", "CANCELLED". */
  async state(): Promise<string> {
    const shown = await this.#lab.output(["scontrol", "show", "job", await this.id()]);
    return /JobState=(\w+)/.exec(shown)![1]!;
  }

  async untilState(wanted: string): Promise<void> {
    await eventually(
      `the job to be ${wanted}`,
      async () => (await this.state()) === wanted,
      endMsMax,
    );
  }

  async cancel(): Promise<void> {
    await this.#lab.output(["scancel", await this.id()]);
  }

  /** What a file of the output directory holds; empty where there is none. */
  read(name: string): string {
    const path = join(this.outputDirectory, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  async #whileServing<Value>(
    wanted: string,
    probe: () => Promise<Value | undefined> | Value | undefined,
  ): Promise<Value> {
    const look = async () => {
      const hasEnded = this.#hasEnded();
      await sleep(pollMs);
      return (await probe()) ?? (hasEnded ? null : undefined);
    };
    const value = await eventually(wanted, look, readyMsMax).catch((error: unknown) => {
      throw new Error(`serve said:\n${this.#output}`, { cause: error });
    });
    if (value === null) throw new Error(`serve ended before ${wanted}:\n${this.#output}`);
    return value;
  }

  #hasEnded(): boolean {
    return this.#holder.exitCode !== null || this.#holder.signalCode !== null;
  }
}
