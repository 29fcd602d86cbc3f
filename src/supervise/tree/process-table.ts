import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** Environment variable by which a process is known to descend from one that was started here. */
export const tokenVariable = "PENSTOCK_PROCESS_TOKEN";

/** A process as /proc shows it at one moment. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** Id of its session: the pid of the process that made it. */
  readonly session: number;
  /** Clock ticks since boot. A pid is used again, the pair of pid and start time is not. */
  readonly startTime: string;
  /** What stands in its environment, from the moment it was started. */
  readonly token: string | undefined;
}

/** Of longer environments only the beginning is looked at. */
const environmentBytesMax = 262_144;
const environment = Buffer.alloc(environmentBytesMax);
const wanted = Buffer.from(`${tokenVariable}=`);

/** All processes that may be looked at and are no zombies; none on a system without /proc. */
export function readProcessTable(): readonly ProcessEntry[] {
  return listPids()
    .map(readEntry)
    .filter((entry) => entry !== undefined);
}

/** Start time of a process; undefined where there is none. */
export function readStartTime(pid: number): string | undefined {
  return readStatus(pid)?.startTime;
}

function listPids(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return []; // A system without /proc: groups are ended, and nothing else is known.
  }
}

function readEntry(pid: number): ProcessEntry | undefined {
  const status = readStatus(pid);
  return status === undefined ? undefined : { ...status, token: readToken(pid) };
}

/** Fields of /proc/PID/stat, see proc_pid_stat(5); the name, the only one with spaces, ends at the last bracket. */
function readStatus(pid: number): Omit<ProcessEntry, "token"> | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parentPid, , session] = fields;
    if (state === "Z" || state === "X") return undefined;
    const startTime = fields[19]!;
    return { pid, parentPid: Number(parentPid), session: Number(session), startTime };
  } catch {
    return undefined; // Gone between the listing and the reading.
  }
}

function readToken(pid: number): string | undefined {
  try {
    const text = environment.subarray(0, readBeginning(`/proc/${pid}/environ`));
    const at = text.indexOf(wanted);
    if (at === -1 || (at > 0 && text[at - 1] !== 0)) return undefined;
    const end = text.indexOf(0, at);
    return text.toString("latin1", at + wanted.length, end === -1 ? undefined : end);
  } catch {
    return undefined; // Another user's process, or gone.
  }
}

function readBeginning(path: string): number {
  const descriptor = openSync(path, "r");
  try {
    let bytes = 0;
    for (;;) {
      const read = readSync(descriptor, environment, bytes, environmentBytesMax - bytes, null);
      bytes += read;
      if (read === 0 || bytes === environmentBytesMax) return bytes;
    }
  } finally {
    closeSync(descriptor);
  }
}
