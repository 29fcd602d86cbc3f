import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../eventually.ts";
import { closeOnSignals } from "./close-on-signals.ts";
import { LabHost, type HostCommandOptions } from "./lab-host.ts";
import { claimPlace, type LabPlace } from "./lab-place.ts";
import { freezer, removeAbandonedLabs, removeTraces } from "./leftovers.ts";
import { installPackages } from "./packages.ts";
import { outputOf, type ProgramEnd } from "./run-program.ts";
import { gpuDevice, mungeSocket, slurmFiles } from "./slurm-files.ts";
import { whyNoLab } from "./why-no-lab.ts";

export interface SlurmLabOptions {
  readonly nodeCount: number;
  readonly gpusPerNode?: number;
  /** Between SIGTERM and SIGKILL of a job; Slurm's own is 30. */
  readonly killWaitSeconds?: number;
  /** Until a node that does not answer is down; Slurm's own is 300. */
  readonly slurmdTimeoutSeconds?: number;
}

/** A Slurm cluster on this machine: a login host, which also runs the controller, and nodes with a slurmd each. */
export interface SlurmLab {
  readonly place: LabPlace;
  readonly login: LabHost;
  readonly nodes: readonly LabHost[];
  readonly partition: string;
  /** A directory that every host sees; anything in it goes when the lab is closed. */
  readonly sharedDirectory: string;
  /** A file system of 4 MiB that every host sees, for tests that fill it. */
  readonly smallDirectory: string;
  /** A directory at the same path on every host, with each host's own files. */
  readonly temporaryDirectory: string;
  /** What a user's shell on the login host has in its environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a program on the login host to its end. */
  run(argv: readonly string[], options?: HostCommandOptions): Promise<ProgramEnd>;
  /** As `run`, for its standard output; throws where the exit code is not 0. */
  output(argv: readonly string[], options?: HostCommandOptions): Promise<string>;
  /** Stops the slurmd of a node; the jobs on it run on. */
  stopSlurmd(node: LabHost): Promise<void>;
  startSlurmd(node: LabHost): void;
  /** Boots a node that was powered off, slurmd too. */
  bootNode(node: LabHost): Promise<void>;
  /** Ends whatever jobs there are, and waits until they are gone. */
  cancelAll(): Promise<void>;
  /** Waits until every node that is on is idle. */
  untilIdle(timeoutMs?: number): Promise<void>;
  /** Ends every process and removes every link, control group and file of the lab. */
  close(): Promise<void>;
}

const startMsMax = 60_000;
/** Each look costs a program of Slurm. */
const pollMs = 100;

/** Starts a cluster and waits until its nodes are idle. Whatever labs of killed runs have left is removed first. */
export async function startSlurmLab(options: SlurmLabOptions): Promise<SlurmLab> {
  const reason = whyNoLab();
  if (reason !== undefined) throw new Error(`Cannot start a Slurm lab: it ${reason}`);
  await installPackages();
  await removeAbandonedLabs();
  const lab = new Lab(claimPlace(), options);
  try {
    await lab.start();
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

class Lab implements SlurmLab {
  readonly place: LabPlace;
  readonly login: LabHost;
  readonly nodes: readonly LabHost[];
  readonly partition = "main";
  readonly sharedDirectory: string;
  readonly smallDirectory: string;
  readonly temporaryDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #options: SlurmLabOptions;
  readonly #forgetSignals: () => void;
  #closed: Promise<void> | undefined;

  constructor(place: LabPlace, options: SlurmLabOptions) {
    this.place = place;
    this.#options = options;
    this.login = new LabHost({ place, name: `${place.id}login`, number: 0 });
    this.nodes = Array.from(
      { length: options.nodeCount },
      (_, index) => new LabHost({ place, name: `${place.id}${index}`, number: index + 1 }),
    );
    this.sharedDirectory = this.#path("shared");
    this.smallDirectory = this.#path("small");
    this.temporaryDirectory = this.#path("tmp");
    this.environment = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LANG: "C.UTF-8",
      NO_COLOR: "1",
      SLURM_CONF: this.#path("etc/slurm.conf"),
      TMPDIR: this.temporaryDirectory,
      // One for all hosts: a start without it costs each process a second of the machine's few cores.
      NODE_COMPILE_CACHE: this.#path("cache"),
    };
    this.#forgetSignals = closeOnSignals(() => this.close());
  }

  async start(): Promise<void> {
    this.#writeFiles();
    // Hosts come to see it because they begin with what this machine has mounted.
    await outputOf(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", this.smallDirectory]);
    await this.#makeBridge();
    await Promise.all([this.login, ...this.nodes].map((host) => host.powerOn()));
    await this.#startController();
    for (const node of this.nodes) this.startSlurmd(node);
    await this.untilIdle();
  }

  run(argv: readonly string[], options: HostCommandOptions = {}): Promise<ProgramEnd> {
    return this.login.run(argv, { env: this.environment, ...options });
  }

  output(argv: readonly string[], options: HostCommandOptions = {}): Promise<string> {
    return this.login.output(argv, { env: this.environment, ...options });
  }

  startSlurmd(node: LabHost): void {
    const configuration = this.environment["SLURM_CONF"]!;
    node.startDaemon(
      ["slurmd", "-D", "-N", node.name, "-f", configuration],
      this.#path(`log/${node.name}.log`),
    );
  }

  async stopSlurmd(node: LabHost): Promise<void> {
    const daemons = node.processes().filter(({ command }) => command.startsWith("slurmd -D "));
    for (const { pid } of daemons) process.kill(pid, "SIGTERM");
    const pids = new Set(daemons.map(({ pid }) => pid));
    await eventually(
      "slurmd to end",
      () => node.processes().every(({ pid }) => !pids.has(pid)) || undefined,
    );
  }

  async bootNode(node: LabHost): Promise<void> {
    await node.powerOn();
    this.startSlurmd(node);
  }

  async cancelAll(): Promise<void> {
    await this.run(["scancel", `--user=${userInfo().username}`]);
    const isEmpty = async (): Promise<boolean> => {
      await sleep(pollMs);
      return (await this.output(["squeue", "--noheader"])) === "";
    };
    await eventually("the jobs to be gone", isEmpty, startMsMax);
  }

  async untilIdle(timeoutMs = startMsMax): Promise<void> {
    const names = this.nodes.filter(({ isOn }) => isOn).map(({ name }) => name);
    const ask = ["sinfo", "--noheader", "--Node", `--nodes=${names.join(",")}`, "--format=%t %E"];
    await eventually(
      `${names.length} idle nodes`,
      async () => {
        await sleep(pollMs);
        const states = (await this.output(ask)).trim().split("\n");
        if (states.length === names.length && states.every((state) => state === "idle none"))
          return true;
        throw new Error(`They are: ${states.join(", ")}`);
      },
      timeoutMs,
    );
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    await Promise.all([this.login, ...this.nodes].map((host) => host.powerOff()));
    await removeTraces(this.place);
    this.#forgetSignals();
  }

  #writeFiles(): void {
    const { place, login, nodes, partition } = this;
    for (const name of ["etc", "run", "log", "state", "dev", "shared", "small", "tmp"])
      mkdirSync(this.#path(name));
    for (const { name } of nodes) mkdirSync(this.#path(`spool/${name}`), { recursive: true });
    const gpusPerNode = this.#options.gpusPerNode ?? 0;
    const files = slurmFiles({
      place,
      login,
      nodes,
      partition,
      gpusPerNode,
      killWaitSeconds: this.#options.killWaitSeconds ?? 10,
      slurmdTimeoutSeconds: this.#options.slurmdTimeoutSeconds ?? 30,
      hasFreezer: existsSync(join(freezer, "cgroup.procs")),
    });
    for (const [name, text] of Object.entries(files))
      writeFileSync(this.#path(`etc/${name}`), text);
    for (let gpu = 0; gpu < gpusPerNode; gpu++) symlinkSync("/dev/null", gpuDevice(place, gpu));
    writeFileSync(this.#path("run/munge.key"), randomBytes(128), { mode: 0o600 });
  }

  async #makeBridge(): Promise<void> {
    const name = `${this.place.id}-br`;
    await outputOf(["ip", "link", "add", name, "type", "bridge", "forward_delay", "0"]);
    // The test itself is a machine of the network, at its first address.
    await outputOf(["ip", "address", "add", `${this.place.subnet}.1/24`, "dev", name]);
    await outputOf(["ip", "link", "set", name, "up"]);
  }

  /** The sockets of munged are files, so that one serves every host. */
  async #startController(): Promise<void> {
    const socket = mungeSocket(this.place);
    const log = this.#path("log/login.log");
    const files = {
      "key-file": this.#path("run/munge.key"),
      socket,
      "pid-file": this.#path("run/munged.pid"),
      "log-file": this.#path("log/munged.log"),
      "seed-file": this.#path("run/munged.seed"),
    };
    const flags = Object.entries(files).map(([name, path]) => `--${name}=${path}`);
    this.login.startDaemon(["munged", "--foreground", ...flags], log);
    await eventually("munged to listen", () => existsSync(socket));
    this.login.startDaemon(["slurmctld", "-D", "-f", this.environment["SLURM_CONF"]!], log);
    await eventually(
      "slurmctld to answer",
      async () => (await this.run(["scontrol", "ping"])).stdout.includes("is UP"),
      startMsMax,
    );
  }

  #path(name: string): string {
    return join(this.place.directory, name);
  }
}
