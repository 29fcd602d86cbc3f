import { basename } from "node:path";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { printable } from "../../base/mod.ts";
import { listeningSockets } from "./listening-sockets.ts";

/** Longer command lines are cut. */
const commandLengthMax = 60;

/** Who listens on a TCP port: "pid 12 (nginx -g daemon)", or "another process" where the system does not let us see. */
export function findPortHolder(port: number, procDirectory = "/proc"): string {
  const sockets = listeningSockets(procDirectory).filter((socket) => socket.port === port);
  const inodes = new Set(sockets.map(({ inode }) => inode));
  if (inodes.size === 0) return "another process";
  const pid = listNames(procDirectory)
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holdsSocket(`${procDirectory}/${name}/fd`, inodes));
  if (pid === undefined) return "another process";
  return `pid ${pid} (${commandOf(`${procDirectory}/${pid}`)})`;
}

/**
 * The command line, of paths only their ends: the name alone says little, a program on Node.js is called "MainThread".
 */
function commandOf(directory: string): string {
  const words = readTextOr(`${directory}/cmdline`, "")
    .split("\0")
    .map((word) => (word.startsWith("/") ? basename(word) : word))
    .join(" ")
    .trim();
  const command = printable(words || readTextOr(`${directory}/comm`, "unknown").trim());
  return command.length > commandLengthMax ? `${command.slice(0, commandLengthMax)}…` : command;
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
