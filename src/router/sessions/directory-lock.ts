import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { lstat, lutimes, readlink, rename, symlink, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Who holds a lock, in words that follow "it is used by". */
export class DirectoryInUse extends Error {}

/**
 * A directory for one process alone. The lock is a symbolic link that leads nowhere: its text, the process that holds
 * it, is there as soon as the link is. It outlives a process that is killed, and the next one sees that its process is
 * gone. What another machine holds, whose processes cannot be seen, is held as long as {@linkcode DirectoryLock.renew}
 * is called there.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #owner: string;

  private constructor(path: string, owner: string) {
    this.#path = path;
    this.#owner = owner;
  }

  /**
   * @throws DirectoryInUse
   * @throws a system error
   */
  static async take(directory: string): Promise<DirectoryLock> {
    const path = join(directory, "lock");
    const owner = `${hostname()}:${process.pid}:${startTimeOf(process.pid) ?? ""}:${randomBytes(8).toString("hex")}`;
    for (let tries = 0; tries < triesMax; tries++) {
      try {
        await symlink(owner, path);
        return new DirectoryLock(path, owner);
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
      }
      await removeStale(path);
    }
    throw new DirectoryInUse("processes that come and go");
  }

  /** Shows other machines that the holder lives. Call it every {@linkcode renewMs}. */
  async renew(): Promise<void> {
    const now = new Date();
    await lutimes(this.#path, now, now).catch(() => {
      // Another machine may then take the lock, which is only worth a wait where there is one.
    });
  }

  async release(): Promise<void> {
    const owner = await readOwner(this.#path);
    if (owner === this.#owner) await unlink(this.#path);
  }
}

export const renewMs = 10_000;
/** A holder on another machine is gone that was silent for so long. */
const silenceMsMax = 6 * renewMs;
const triesMax = 5;

/** Makes room where the holder is gone. @throws DirectoryInUse */
async function removeStale(path: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner === undefined) return;
  const whoHolds = await holderOf(path, owner);
  if (whoHolds !== undefined) throw new DirectoryInUse(whoHolds);
  // Of several who come here, one moves the link away that all have read, and others the one that was made since.
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const isMoved = await rename(path, aside).then(
    () => true,
    () => false, // Another one was first.
  );
  if (!isMoved) return;
  const moved = await readOwner(aside);
  if (moved !== undefined && moved !== owner) await symlink(moved, path).catch(ignoreExisting);
  await unlink(aside);
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

/** Undefined where there is no link. */
async function readOwner(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Who holds the lock; undefined when that process is gone. */
async function holderOf(path: string, owner: string): Promise<string | undefined> {
  const [host, pid, startTime] = owner.split(":");
  if (host === hostname()) {
    return startTimeOf(Number(pid)) === startTime ? `process ${pid}` : undefined;
  }
  const { mtimeMs } = await lstat(path);
  return Date.now() - mtimeMs < silenceMsMax ? `process ${pid} on ${host}` : undefined;
}

/** In clock ticks since boot, see proc_pid_stat(5): a pid is used again, the pair of both is not. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined; // There is none.
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
