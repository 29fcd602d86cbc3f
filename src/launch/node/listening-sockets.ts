import { readFileSync } from "node:fs";

/** A TCP socket that somebody listens on. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
}

/** Every one of this machine, or of this container; none on a system without /proc. */
export function listeningSockets(procDirectory = "/proc"): readonly ListeningSocket[] {
  return ["tcp", "tcp6"].flatMap((table) => parseTable(readTable(`${procDirectory}/net/${table}`)));
}

/** Their ports, each once, in order. */
export function findBusyPorts(procDirectory = "/proc"): readonly number[] {
  const ports = new Set(listeningSockets(procDirectory).map(({ port }) => port));
  return [...ports].toSorted((one, other) => one - other);
}

const stateListen = "0A";

/**
 * Reads the text of /proc/net/tcp (proc_pid_net(5)). Columns:
 * `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode`, address and port in hexadecimal.
 */
function parseTable(table: string): readonly ListeningSocket[] {
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === stateListen && columns.length > 9)
    .map((columns) => {
      const address = columns[1]!;
      const port = Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16);
      return { port, inode: columns[9]! };
    });
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Another system, or one without IPv6: who listens cannot be seen.
  }
}
