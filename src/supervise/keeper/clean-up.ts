import { lstatSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { removeUnused } from "../shared-memory/files.ts";
import { ProcessTree } from "../tree/process-tree.ts";
import type { KeeperState } from "./keeper-state.ts";

/** How long processes have between SIGTERM and SIGKILL. */
const graceMs = 2_000;

/** Ends every process of the state, gently first, and removes what they leave behind. */
export async function cleanUp({ trees, files, directories }: KeeperState): Promise<void> {
  const all = trees.map(({ token, members }) => new ProcessTree(token, members));
  for (const tree of all) tree.signal("SIGTERM");
  await Promise.all(all.map((tree) => tree.isGone(graceMs)));
  await Promise.all(all.map((tree) => tree.end()));
  removeUnused(files);
  for (const directory of directories) if (!isListenedIn(directory)) remove(directory);
}

/** Whether somebody, then of another deployment, has a Unix socket there: the last column of /proc/net/unix. */
function isListenedIn(directory: string): boolean {
  try {
    const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
    return lines.some((line) => line.slice(line.indexOf("/")).startsWith(`${directory}/`));
  } catch {
    return false; // A system without /proc: then nobody is known to.
  }
}

/** A directory goes with the folder around it, where nothing else is in there; a socket's folder is for others too. */
function remove(path: string): void {
  try {
    const isDirectory = lstatSync(path).isDirectory();
    rmSync(path, { recursive: true, force: true });
    if (isDirectory) rmdirSync(dirname(path));
  } catch {
    // Nobody is left to be told; the next start empties it.
  }
}
