import { lstatSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { listSharedMemory, pathsUsedBy, removeUnused } from "../shared-memory/files.ts";
import { type Listing, type SharedFile, SharedMemoryLedger } from "../shared-memory/ledger.ts";
import { readProcessTable } from "../tree/process-table.ts";
import { ProcessTree } from "../tree/process-tree.ts";
import type { KeeperState } from "./keeper-state.ts";

/** How long processes have between SIGTERM and SIGKILL. */
const graceMs = 2_000;

/**
 * Ends every process of the state, gently first, and removes what they leave behind: also files of /dev/shm that they
 * made when the supervisor had no time left to look, which are none of those that were there `before`.
 */
export async function cleanUp(
  { trees, files, directories }: KeeperState,
  before: Listing,
): Promise<void> {
  const all = trees.map(({ token, members }) => new ProcessTree(token, members));
  const lateFiles = findLateFiles(all, before);
  for (const tree of all) tree.signal("SIGTERM");
  await Promise.all(all.map((tree) => tree.isGone(graceMs)));
  await Promise.all(all.map((tree) => tree.end()));
  removeUnused([...files, ...lateFiles]);
  for (const directory of directories) if (!isListenedIn(directory)) remove(directory);
}

function findLateFiles(trees: readonly ProcessTree[], before: Listing): readonly SharedFile[] {
  const ledger = new SharedMemoryLedger(before);
  const table = readProcessTable();
  const usedBy = trees.map((tree) => [tree.token, pathsUsedBy(tree.look(table))] as const);
  ledger.note(listSharedMemory(), new Map(usedBy));
  return ledger.files;
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
