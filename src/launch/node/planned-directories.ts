import { lstat, readFile, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirectories } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";

/**
 * Makes the directories that processes need on their node, for nobody but this user, and empties what a killed
 * deployment has left in them.
 *
 * @throws PenstockError NODE_DIRECTORY_NOT_USABLE
 */
export async function makePlannedDirectories(directories: readonly string[]): Promise<void> {
  await removePlannedDirectories(directories);
  for (const directory of directories) {
    const reason = await tryMake(directory);
    if (reason !== undefined)
      throw new PenstockError("NODE_DIRECTORY_NOT_USABLE", { directory, reason });
  }
}

/** Removes them with what is in them, save where another deployment still listens on a socket inside. */
export async function removePlannedDirectories(directories: readonly string[]): Promise<void> {
  if (directories.length === 0) return;
  const sockets = await boundSockets();
  for (const directory of directories) {
    if (sockets.some((path) => path.startsWith(`${directory}/`))) continue;
    await quietly(rm(directory, { recursive: true, force: true }));
    await quietly(rmdir(dirname(directory)));
  }
}

/** Why it cannot be used; undefined when it is there and nobody else's: names below /tmp can be guessed. */
async function tryMake(directory: string): Promise<string | undefined> {
  try {
    await makeDirectories(directory, 0o700);
    for (const path of [directory, dirname(directory)]) {
      const { uid, mode } = await lstat(path);
      const isOurs = uid === process.getuid?.() || uid === 0;
      if (!isOurs) return `"${path}" belongs to user ${uid}`;
      if ((mode & 0o022) !== 0 && (mode & sticky) === 0) return `others may write to "${path}"`;
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Only the owner of a file may remove it from such a directory. */
const sticky = 0o1000;

/** Paths of the Unix sockets that somebody has bound: the last column of /proc/net/unix (proc_pid_net(5)). */
async function boundSockets(): Promise<readonly string[]> {
  try {
    const lines = (await readFile("/proc/net/unix", "utf8")).split("\n");
    return lines.map((line) => line.slice(line.indexOf("/"))).filter((path) => path[0] === "/");
  } catch {
    return []; // A system without /proc: then nobody is known to use them.
  }
}

/** What is not there any more, or is somebody's still, may stay as it is. */
async function quietly(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch {
    // Left for the next start, which tries again and names what it cannot use.
  }
}
