import { lstatSync, readdirSync, readFileSync, readlinkSync, unlinkSync, watch } from "node:fs";
import { join } from "node:path";
import type { Listing, SharedFile } from "./ledger.ts";

/** Where shm_open(3) makes files; they lie there side by side, without folders. */
const directory = "/dev/shm";

/** The files of /dev/shm that belong to this user. */
export function listSharedMemory(): Listing {
  const uid = process.getuid?.();
  const listing = new Map<string, number>();
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isFile() === true && status.uid === uid) listing.set(path, status.ino);
  }
  return listing;
}

/** Tells of changes in /dev/shm until the returned function is called; of none where the system has no watch left to give. */
export function watchSharedMemory(onChange: () => void): () => void {
  try {
    const watcher = watch(directory, { persistent: false }, onChange);
    watcher.on("error", () => {
      // Whoever watches looks from time to time too.
    });
    return () => watcher.close();
  } catch {
    return () => {}; // As above.
  }
}

/** Paths of /dev/shm that any of the processes has open or mapped. */
export function pathsUsedBy(processes: readonly { readonly pid: number }[]): ReadonlySet<string> {
  return new Set(processes.flatMap(({ pid }) => [...readUsedPaths(pid)]));
}

/** Paths of /dev/shm that a process has open or mapped: /proc/PID/fd and maps, see proc_pid_maps(5). */
export function readUsedPaths(pid: number): ReadonlySet<string> {
  const targets = namesIn(`/proc/${pid}/fd`).map((name) => readTarget(`/proc/${pid}/fd/${name}`));
  const paths = [...targets, ...mappedPaths(readMaps(pid))];
  return new Set(paths.filter((path) => path.startsWith(`${directory}/`)));
}

/** The paths in a file of mappings. What was removed keeps a suffix and is the path of nothing. */
export function mappedPaths(maps: string): readonly string[] {
  return [...maps.matchAll(/^\S+ \S+ \S+ \S+ \S+ +(\/.*)$/gm)].map((match) => match[1]!);
}

/** Removes those of the files that are still there, are this user's, and that no process uses. */
export function removeUnused(files: readonly SharedFile[]): void {
  const listing = listSharedMemory();
  const candidates = files.filter(({ path, inode }) => listing.get(path) === inode);
  if (candidates.length === 0) return;
  const used = pathsUsedBy(listPids().map((pid) => ({ pid })));
  for (const { path } of candidates) if (!used.has(path)) unlink(path);
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, which is what was wanted.
  }
}

function listPids(): readonly number[] {
  return namesIn("/proc").map(Number).filter(Number.isInteger);
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // The process has ended, is another user's, or the system has no such folder.
  }
}

function readTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // Closed meanwhile.
  }
}

function readMaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch {
    return ""; // Ended meanwhile, or another user's, who may not open our files.
  }
}
