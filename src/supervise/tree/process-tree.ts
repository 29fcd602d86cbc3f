import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { findFamily, type Members, rememberFamily } from "./family.ts";
import {
  type ProcessEntry,
  readProcessTable,
  readStartTime,
  tokenVariable,
} from "./process-table.ts";

const pauseMs = 10;
/** How long what was killed may take to be gone; only a process that hangs in the kernel takes longer. */
const killMsMax = 2_000;

/** A process and everything that descends from it, also what left its group, its session and its environment. */
export class ProcessTree {
  readonly token: string;
  #members: Members;

  /** Without arguments: the tree of a process that is about to be started. */
  constructor(
    token: string = randomBytes(16).toString("hex"),
    members: Iterable<readonly [number, string]> = [],
  ) {
    this.token = token;
    this.#members = new Map(members);
  }

  /**
   * What the first process has to have in its environment; children inherit it. Python's setproctitle, which vLLM
   * uses, overwrites /proc/PID/environ unless SPT_NOENV is set.
   */
  get env(): Readonly<Record<string, string>> {
    return { [tokenVariable]: this.token, SPT_NOENV: "1" };
  }

  /** Who was seen the last time. */
  get members(): Members {
    return this.#members;
  }

  /** Takes in the first process, which leads a session of its own: whoever is in it is known by that. */
  root(pid: number): void {
    const startTime = readStartTime(pid);
    if (startTime !== undefined) this.#members = new Map([...this.#members, [pid, startTime]]);
  }

  /** Looks who belongs to it now. */
  look(table: readonly ProcessEntry[] = readProcessTable()): readonly ProcessEntry[] {
    const family = findFamily(table, this.token, this.#members);
    this.#members = rememberFamily(table, family, this.#members);
    return family;
  }

  /** Signals everybody; whether there was anybody. */
  signal(signal: NodeJS.Signals): boolean {
    const family = this.look();
    for (const { pid } of family) signalProcess(pid, signal);
    return family.length > 0;
  }

  /** Waits until nobody is left: true, or false when the time is up. */
  async isGone(timeoutMs: number): Promise<boolean> {
    return until(() => this.look().length === 0, timeoutMs);
  }

  /** Kills everybody, those included that are born meanwhile, and gives up on who does not die even so. */
  async end(): Promise<void> {
    await until(() => !this.signal("SIGKILL"), killMsMax);
  }
}

async function until(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isSo()) {
    if (performance.now() > deadlineMs) return false;
    await sleep(pauseMs);
  }
  return true;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone since it was seen, or another user's: nothing that could be done.
  }
}
