import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { lstat, lutimes, readdir, readlink, symlink, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Who holds a lock, in words that follow "it is used by". */
export class DirectoryInUse extends Error {}

/**
 * A directory for one process alone. The lock is a symbolic link that leads nowhere: its text, the process that holds
 * it, is there as soon as the link is. It outlives a process that is killed, and the next one sees that its process is
 * gone. What another machine holds, whose processes cannot be seen, is held as long as {@linkcode DirectoryLock.renew}
 * is called there.
 *
 * Of many who find the holder gone, only the one may remove its link who holds a lock for just that: a link of the same
 * kind, named after the text of the dead one, which is never that of another. Nobody else can have removed it when it is
 * still there then, and it cannot come back when it is not. Such a link is left by who dies while removing one, and is
 * removed in the same way. Only making a link must be atomic for that, which it is on NFS too.
 */
export class DirectoryLock {
  readonly #link: HeldLink;

  private constructor(link: HeldLink) {
    this.#link = link;
  }

  /**
   * @throws DirectoryInUse
   * @throws a system error
   */
  static async take(directory: string): Promise<DirectoryLock> {
    const link = await takeLink(join(directory, "lock"));
    // While somebody holds the lock, nobody needs a link to remove an earlier one.
    await removeLeftOver(link.path);
    return new DirectoryLock(link);
  }

  /** Shows other machines that the holder lives. Call it every {@linkcode renewMs}. */
  async renew(): Promise<void> {
    const now = new Date();
    await lutimes(this.#link.path, now, now).catch(() => {
      // Another machine may then take the lock, which is only worth a wait where there is one.
    });
  }

  async release(): Promise<void> {
    await removeLink(this.#link);
  }
}

export const renewMs = 10_000;
/** A holder on another machine is gone that was silent for so long. */
const silenceMsMax = 6 * renewMs;
/** Holders that die one after the other, each right after it took the lock. */
const triesMax = 5;

interface HeldLink {
  readonly path: string;
  readonly owner: string;
}

/** @throws DirectoryInUse */
async function takeLink(path: string): Promise<HeldLink> {
  const link = { path, owner: newOwner() };
  for (let tries = 0; tries < triesMax; tries++) {
    if (await makeLink(link)) return link;
    const owner = await readOwner(path);
    // The server of a network file system may do what it is told twice, and answer the second time.
    if (owner === link.owner) return link;
    if (owner !== undefined) await removeDead({ path, owner });
  }
  throw new DirectoryInUse("processes that come and go");
}

/** @throws DirectoryInUse where its owner lives, or another process is at it */
async function removeDead(dead: HeldLink): Promise<void> {
  const whoHolds = await holderOf(dead);
  if (whoHolds !== undefined) throw new DirectoryInUse(whoHolds);
  const right = await takeLink(join(dirname(dead.path), `lock.${digestOf(dead.owner)}`));
  try {
    await removeLink(dead);
  } finally {
    await removeLink(right);
  }
}

/** False where there is one. */
async function makeLink({ path, owner }: HeldLink): Promise<boolean> {
  try {
    await symlink(owner, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes it where it is still this one. */
async function removeLink({ path, owner }: HeldLink): Promise<void> {
  if ((await readOwner(path)) === owner) await unlink(path).catch(ignoreMissing);
}

async function removeLeftOver(path: string): Promise<void> {
  const directory = dirname(path);
  for (const name of await readdir(directory)) {
    const isLeft = name.startsWith(`${basename(path)}.`);
    if (isLeft) await unlink(join(directory, name)).catch(ignoreMissing);
  }
}

/** Undefined where there is no link. */
async function readOwner(path: string): Promise<string | undefined> {
  return readlink(path).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

/** The text of a link that none had before. */
function newOwner(): string {
  return `${hostname()}:${process.pid}:${startTimeOf(process.pid) ?? ""}:${randomBytes(8).toString("hex")}`;
}

function digestOf(owner: string): string {
  return createHash("sha256").update(owner).digest("hex").slice(0, 32);
}

/** Who holds the lock; undefined when that process is gone. */
async function holderOf({ path, owner }: HeldLink): Promise<string | undefined> {
  const [host, pid, startTime] = owner.split(":");
  if (host === hostname()) {
    return startTimeOf(Number(pid)) === startTime ? `process ${pid}` : undefined;
  }
  const stat = await lstat(path).catch(ignoreMissing);
  if (stat === undefined) return undefined;
  return Date.now() - stat.mtimeMs < silenceMsMax ? `process ${pid} on ${host}` : undefined;
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
