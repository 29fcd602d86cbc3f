import { readdirSync, readFileSync } from "node:fs";

interface ProcessStatus {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
}

/** The process tree below `pid`, itself excluded, as /proc shows it at this moment. */
export function descendantsOf(pid: number): readonly ProcessStatus[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStatus(Number(name)))
    .filter((status) => status !== undefined);
  const found: ProcessStatus[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const status of all) {
      if (status.parentPid !== parent) continue;
      found.push(status);
      parents.push(status.pid);
    }
  }
  return found;
}

/** Whether the process runs; a zombie that nobody has waited for does not. */
export function isRunning(pid: number): boolean {
  return readStatus(pid) !== undefined;
}

function readStatus(pid: number): ProcessStatus | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parentPid: Number(parentPid), command };
  } catch {
    return undefined; // Gone between the listing and the reading.
  }
}
