import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "../eventually.ts";
import { descendantsOf } from "../processes.ts";
import { listeningPorts, processesBeside, type HostProcess } from "./host-processes.ts";
import type { LabPlace } from "./lab-place.ts";
import { outputOf, runProgram, type ProgramEnd } from "./run-program.ts";

export interface LabHostOptions {
  readonly place: LabPlace;
  readonly name: string;
  /** Unique in the lab; makes address and link. */
  readonly number: number;
}

export interface HostCommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/**
 * Process 1 of a host. It reaps orphans, as bash does while it waits, and ends with its standard input: when the test
 * is gone, however it went, so is the host, and the kernel takes every process in it along.
 */
const init = `
set -e
hostname "$1"
mount --bind "$2/etc/hosts" /etc/hosts
mount -t tmpfs -o mode=1777,size=2g tmpfs /dev/shm
mount -t tmpfs -o mode=1777,size=2g tmpfs "$2/tmp"
echo apart
read -r address
ip link set lo up
ip address add "$address/24" dev eth0
ip link set eth0 up
echo up
read -r _`;

const powerOnMsMax = 20_000;

/**
 * A machine of the lab: a process with network, mount, uts and pid namespace of its own, so with an address, a host
 * name, a process list, /dev/shm and a directory for temporary files that no other has. All else of the file system
 * is shared.
 */
export class LabHost {
  readonly name: string;
  readonly address: string;
  readonly #place: LabPlace;
  readonly #link: string;
  #holder: ChildProcess | undefined;
  /** Process 1 as this machine counts. */
  #pid: number | undefined;

  constructor({ place, name, number }: LabHostOptions) {
    this.name = name;
    this.address = `${place.subnet}.${10 + number}`;
    this.#place = place;
    this.#link = `${place.id}-v${number}`;
  }

  get isOn(): boolean {
    return this.#pid !== undefined;
  }

  /** Boots it: nothing runs on it but process 1. */
  async powerOn(): Promise<void> {
    const { directory } = this.#place;
    const namespaces = ["--net", "--mount", "--uts", "--pid", "--mount-proc"];
    const words = [...namespaces, "--fork", "--kill-child=SIGKILL", "bash", "-c", init, "init"];
    const holder = spawn("unshare", [...words, this.name, directory], {
      // A session of its own: Ctrl-C is for the test, which then closes the lab in order.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#holder = holder;
    const tells = hear(holder);
    await tells("apart");
    this.#pid = descendantsOf(holder.pid!)[0]!.pid;
    await this.#attach();
    holder.stdin.write(`${this.address}\n`);
    await tells("up");
  }

  /** Cuts the power: every process on it ends at once, and nobody is told. */
  async powerOff(): Promise<void> {
    const holder = this.#holder;
    if (holder === undefined) return;
    const ended = new Promise((resolve) => holder.once("exit", resolve));
    if (holder.exitCode === null && holder.signalCode === null) {
      holder.kill("SIGKILL"); // Takes process 1 along, and that the rest.
      await ended;
    }
    const pid = this.#pid;
    if (pid !== undefined)
      await eventually(`host ${this.name} to be off`, () => !existsSync(`/proc/${pid}/ns/net`));
    this.#holder = undefined;
    this.#pid = undefined;
    // The link goes with the namespace of its other end; this does not wait for the kernel to come round to it.
    await runProgram(["ip", "link", "delete", this.#link]);
  }

  /** Pulls the network cable: what is sent to it or by it is lost. */
  async linkDown(): Promise<void> {
    await outputOf(["ip", "link", "set", this.#link, "down"]);
  }

  async linkUp(): Promise<void> {
    await outputOf(["ip", "link", "set", this.#link, "up"]);
  }

  /** Loses everything between this host and another one, without a word to either; both reach all others. */
  async cutFrom(other: LabHost): Promise<void> {
    await this.#sendAstray(other);
    await other.#sendAstray(this);
  }

  async joinTo(other: LabHost): Promise<void> {
    for (const [from, to] of [
      [this, other],
      [other, this],
    ] as const)
      await outputOf([...from.#enter("--net"), "ip", "neigh", "del", to.address, "dev", "eth0"]);
  }

  /** Runs a program on it to its end. */
  run(argv: readonly string[], options: HostCommandOptions = {}): Promise<ProgramEnd> {
    return runProgram(this.#command(argv, options), options);
  }

  /** As `run`, for its standard output; throws where the exit code is not 0. */
  output(argv: readonly string[], options: HostCommandOptions = {}): Promise<string> {
    return outputOf(this.#command(argv, options), options);
  }

  /** Starts a program on it that runs until it ends by itself or the host does; its words go to the log file. */
  startDaemon(argv: readonly string[], logFile: string): void {
    const log = openSync(logFile, "a");
    const [program, ...words] = this.#command(argv, {});
    spawn(program!, words, { detached: true, stdio: ["ignore", log, log] }).unref();
    closeSync(log);
  }

  /** Starts a program on it. What is returned only holds it; `processes()` knows the program itself. */
  start(argv: readonly string[], options: HostCommandOptions = {}): ChildProcess {
    const [program, ...words] = this.#command(argv, options);
    return spawn(program!, words, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.env && { env: options.env }),
    });
  }

  /** Everything that runs on it but process 1. */
  processes(): readonly HostProcess[] {
    const pid = this.#pid;
    return pid === undefined ? [] : processesBeside(pid).filter((one) => one.pid !== pid);
  }

  listeningPorts(): readonly number[] {
    return this.#pid === undefined ? [] : listeningPorts(this.#pid);
  }

  /** Names that this host sees in a directory; empty where there is none. */
  list(path: string): readonly string[] {
    const seen = join(`/proc/${this.#pid}/root`, path);
    return existsSync(seen) ? readdirSync(seen) : [];
  }

  async #attach(): Promise<void> {
    const peer = ["peer", "name", "eth0", "netns", String(this.#pid)];
    await outputOf(["ip", "link", "add", this.#link, "type", "veth", ...peer]);
    await outputOf(["ip", "link", "set", this.#link, "master", `${this.#place.id}-br`, "up"]);
  }

  /** Frames to the other host carry a hardware address that nobody has. */
  async #sendAstray(other: LabHost): Promise<void> {
    const entry = [other.address, "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent"];
    await outputOf([...this.#enter("--net"), "ip", "neigh", "replace", ...entry]);
  }

  #command(argv: readonly string[], { cwd }: HostCommandOptions): readonly string[] {
    // The lab's directory among the words tells to which lab a process belongs.
    const directory = cwd ?? join(this.#place.directory, "shared");
    return [
      ...this.#enter("--net", "--mount", "--uts", "--pid"),
      "/usr/bin/env",
      "-C",
      directory,
      ...argv,
    ];
  }

  #enter(...namespaces: readonly string[]): readonly string[] {
    if (this.#pid === undefined) throw new Error(`Host ${this.name} is off`);
    // By its path, for commands whose PATH leads nowhere.
    return ["/usr/bin/nsenter", `--target=${this.#pid}`, ...namespaces, "--"];
  }
}

/** Waits for lines of process 1; what it says on standard error is the reason when it ends instead. */
function hear(holder: ChildProcess): (line: string) => Promise<void> {
  const lines = new Set<string>();
  let errors = "";
  createInterface({ input: holder.stdout! }).on("line", (line) => lines.add(line));
  holder.stderr!.on(
    "data",
    (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4_000)),
  );
  return async (line) => {
    await eventually(
      `"${line}" from a host`,
      () => lines.has(line) || holder.exitCode !== null,
      powerOnMsMax,
    );
    if (!lines.has(line)) throw new Error(`A host of the lab did not start: ${errors}`);
  };
}
