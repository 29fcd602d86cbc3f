import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../errors/mod.ts";

const lookMs = 500;

/** A held lock; giving it back waits until it is free. */
export interface FileLock extends AsyncDisposable {
  /** False where this system has no such locks: whoever holds it may not be alone. */
  readonly isExclusive: boolean;
}

export interface LockOptions {
  /** Grows while the holder gets on, such as the size of what it downloads. */
  readonly progress: () => Promise<number>;
  /** Without progress, the wait ends after so long. */
  readonly idleMsMax: number;
}

/**
 * Takes the lock of a file as huggingface_hub does, with flock(2), so that its programs and Penstock do not write the
 * same file at once. Node.js has no flock: a `flock` process holds it for as long as it sees this one, and the system
 * takes it back from the dead.
 *
 * @throws PenstockError HUB_LOCK_HELD
 */
export async function lockFile(
  file: string,
  { progress, idleMsMax }: LockOptions,
): Promise<FileLock> {
  const holder = spawn("flock", ["-x", file, "sh", "-c", "echo held && exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = new Promise<"ended">((resolve) => {
    // One that cannot be started does not exit.
    holder.once("error", () => resolve("ended"));
    holder.once("exit", () => resolve("ended"));
  });
  holder.stdin.on("error", () => {
    // It has ended, which is what closing its input is for.
  });
  const held = once(holder.stdout, "data").then(() => "held" as const);
  const stop = new AbortController();
  try {
    const stuck = waitWhileMoving(progress, idleMsMax, stop.signal);
    const outcome = await Promise.race([held, exited, stuck]);
    if (outcome === "held") return { isExclusive: true, ...releasing(holder, exited) };
    if (outcome === "ended") return { isExclusive: false, ...releasing(holder, exited) };
  } finally {
    stop.abort();
  }
  holder.kill("SIGKILL");
  throw new PenstockError("HUB_LOCK_HELD", { file, waitedMs: idleMsMax });
}

function releasing(holder: ChildProcess, exited: Promise<unknown>): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      holder.stdin?.end();
      await exited;
    },
  };
}

/** Resolves when `progress` has stayed the same for so long; the wait of whoever was told to stop is over at once. */
async function waitWhileMoving(
  progress: () => Promise<number>,
  idleMsMax: number,
  signal: AbortSignal,
): Promise<"stuck"> {
  let last = await progress();
  for (let idleMs = 0; idleMs < idleMsMax && !signal.aborted; idleMs += lookMs) {
    await sleep(lookMs, undefined, { signal }).catch(() => {
      // Told to stop: the loop ends.
    });
    const now = await progress();
    if (now !== last) idleMs = 0;
    last = now;
  }
  return "stuck";
}
