import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** Says in an attempt's folder which supervisor writes to it. */
const ownerFile = "supervisor.json";

/** A process for certain: pids are given again, pairs of pid and start are not. */
interface Owner {
  readonly hostname: string;
  readonly pid: number;
  /** Clock ticks from the machine's boot to the process's start. */
  readonly startTicks: string;
}

/** Writes down that this process uses the folder. */
export function ownAttempt(directory: string): void {
  const owner: Owner = {
    hostname: hostname(),
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? "",
  };
  writeFileSync(join(directory, ownerFile), `${JSON.stringify(owner)}\n`);
}

/** "nobody" for certain; "unknown" where the folder was not made here, or belongs to another machine. */
export function whoOwnsAttempt(directory: string): "somebody" | "nobody" | "unknown" {
  const owner = readOwner(directory);
  if (owner === undefined || owner.hostname !== hostname()) return "unknown";
  return startTicksOf(owner.pid) === owner.startTicks ? "somebody" : "nobody";
}

function readOwner(directory: string): Owner | undefined {
  try {
    const value = JSON.parse(readFileSync(join(directory, ownerFile), "utf8")) as Partial<Owner>;
    return typeof value.pid === "number" ? (value as Owner) : undefined;
  } catch {
    return undefined; // Not there, cut off by a full disk, or not ours to read.
  }
}

/** The 22nd field of /proc/PID/stat (proc_pid_stat(5)), counted behind the name; undefined when it does not run. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return isAlive(pid) ? "" : undefined; // A system without /proc.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // It has ended, or the number is somebody else's by now.
  }
}
