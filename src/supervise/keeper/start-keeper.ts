import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type KeeperState, nothingToKeep } from "./keeper-state.ts";

export interface Keeper {
  /** Says what there is to clean up from now on. */
  keep(state: KeeperState): void;
  /** Lets the keeper go, which ends once it has cleaned up what is left: by default nothing. */
  dismiss(left?: KeeperState): void;
}

const program = fileURLToPath(new URL("./keeper.ts", import.meta.url));

/** It does next to nothing, and on every node of a cluster: little memory is enough. */
const nodeFlags = ["--max-old-space-size=32", "--max-semi-space-size=1", "--single-threaded-gc"];

/** How many keepers a supervisor starts: one that is killed is followed by another. */
export const keepersMax = 5;

/** A shell that ends at once leaves the keeper without a parent, so that who kills the tree of the supervisor misses it. */
const orphan = '"$@" <&3 3<&- &';

/**
 * Starts a keeper, and another one when it is killed. Where there is none any more, `onLost` is told: a supervisor
 * that is killed then leaves more behind.
 */
export function startKeeper(onLost: () => void = () => {}): Keeper {
  let pipe: Socket | undefined;
  let line = "";
  let isSaid = true;
  let keepersLeft = keepersMax;
  // Only the newest state waits here, for a keeper that reads slowly.
  const say = (): void => {
    if (isSaid || pipe?.writableLength !== 0) return;
    isSaid = true;
    pipe.write(line, say);
  };
  const start = (): void => {
    if (keepersLeft-- === 0) return onLost();
    pipe = openKeeper();
    if (pipe === undefined) return onLost();
    pipe.once("close", start);
    isSaid = line === "";
    say();
  };
  start();
  return {
    keep: (state) => {
      line = toLine(state);
      isSaid = false;
      say();
    },
    dismiss: (left = nothingToKeep) => {
      pipe?.off("close", start).end(toLine(left));
      pipe = undefined;
    },
  };
}

function toLine(state: KeeperState): string {
  return `${JSON.stringify(state)}\n`;
}

/** The pipe to a new keeper, which closes when the keeper ends; undefined where the system has none to give. */
function openKeeper(): Socket | undefined {
  const child = spawnKeeper();
  // Without descriptors left, Node.js leaves the pipe out.
  const pipe = child?.stdio[3] as Socket | undefined;
  child?.on("error", () => pipe?.destroy());
  child?.unref();
  pipe?.on("error", () => {
    // It was killed: the pipe closes.
  });
  // It says nothing; its end is seen only where somebody reads.
  pipe?.resume().unref();
  return pipe;
}

function spawnKeeper(): ChildProcess | undefined {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  const keeper = [process.execPath, ...nodeFlags, program, `of-${process.pid}`];
  try {
    return spawn("/bin/sh", ["-c", orphan, "sh", ...keeper], {
      cwd: "/",
      detached: true,
      // Node.js closes the pipe to standard input when the shell ends; this one stays.
      stdio: ["ignore", "ignore", "ignore", "pipe"],
      env: {
        ...(PATH !== undefined && { PATH }),
        ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }),
      },
    });
  } catch {
    return undefined; // Without memory, say: there is no keeper, and that is told.
  }
}
