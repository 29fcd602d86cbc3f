import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface HostProcess {
  /** As this machine counts, so that it can be signalled from outside. */
  readonly pid: number;
  /** The program and its arguments, with spaces between. */
  readonly command: string;
}

/** Everything that runs in the pid namespace of a process; what has ended and nobody waited for does not run. */
export function processesBeside(pid: number): readonly HostProcess[] {
  const namespace = readOrNull(() => readlinkSync(`/proc/${pid}/ns/pid`));
  if (namespace === null) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => readOrNull(() => readlinkSync(`/proc/${name}/ns/pid`)) === namespace)
    .map((name) => {
      const command = readOrNull(() => readFileSync(`/proc/${name}/cmdline`, "utf8")) ?? "";
      return { pid: Number(name), command: command.replaceAll("\0", " ").trim() };
    })
    .filter(({ command }) => command !== "");
}

/** TCP ports with a listener in the network namespace of a process, each once, in order. */
export function listeningPorts(pid: number): readonly number[] {
  const lines = ["tcp", "tcp6"].flatMap((table) =>
    (readOrNull(() => readFileSync(`/proc/${pid}/net/${table}`, "utf8")) ?? "").split("\n"),
  );
  // proc(5): the second column is address:port in hexadecimal, the fourth the state; 0A is LISTEN.
  const columns = lines.map((line) => line.trim().split(/\s+/));
  const ports = columns
    .filter(([, , , state]) => state === "0A")
    .map(([, local]) => Number.parseInt(local!.slice(local!.lastIndexOf(":") + 1), 16));
  return [...new Set(ports)].sort((a, b) => a - b);
}

function readOrNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null; // It has ended between the listing and the reading.
  }
}
