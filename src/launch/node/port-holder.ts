import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { printable } from "../../base/mod.ts";

/** Longer command lines are cut. */
const commandLengthMax = 60;

/** Who listens on a TCP port: "pid 12 (nginx -g daemon)", or "another process" where the system does not let us see. */
export function findPortHolder(port: number, procDirectory = "/proc"): string {
  const inodes = new Set(
    ["tcp", "tcp6"].flatMap((table) =>
      listenersOn(port, readTextOr(`${procDirectory}/net/${table}`, "")),
    ),
  );
  if (inodes.size === 0) return "another process";
  const pid = listNames(procDirectory)
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holdsSocket(`${procDirectory}/${name}/fd`, inodes));
  if (pid === undefined) return "another process";
  return `pid ${pid} (${commandOf(`${procDirectory}/${pid}`)})`;
}

/** The command line: the name alone says little, a program on Node.js is called "MainThread". */
function commandOf(directory: string): string {
  const words = readTextOr(`${directory}/cmdline`, "").split("\0").join(" ").trim();
  const command = printable(words || readTextOr(`${directory}/comm`, "unknown").trim());
  return command.length > commandLengthMax ? `${command.slice(0, commandLengthMax)}…` : command;
}

const stateListen = "0A";

/**
 * Socket inodes that listen on the port, from the text of /proc/net/tcp (proc_pid_net(5)). Columns:
 * `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode`, address and port in hexadecimal.
 */
export function listenersOn(port: number, table: string): readonly string[] {
  const portHex = port.toString(16).toUpperCase().padStart(4, "0");
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${portHex}`) && columns[3] === stateListen)
    .map((columns) => columns[9]!);
}

function holdsSocket(fdDirectory: string, inodes: ReadonlySet<string>): boolean {
  return listNames(fdDirectory).some((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(readLinkOr(`${fdDirectory}/${name}`, ""))?.[1];
    return inode !== undefined && inodes.has(inode);
  });
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Another user's process, one that has just ended, or a system without /proc.
  }
}

function readTextOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise; // As above: what cannot be seen is not named.
  }
}

function readLinkOr(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise; // The descriptor was closed in between.
  }
}
