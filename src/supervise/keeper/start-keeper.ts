import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type KeeperState, nothingToKeep } from "./keeper-state.ts";

export interface Keeper {
  /** Says what there is to clean up from now on. */
  keep(state: KeeperState): void;
  /** Says that nothing is left; the keeper ends. */
  dismiss(): void;
}

const program = fileURLToPath(new URL("./keeper.ts", import.meta.url));

/** It does next to nothing, and on every node of a cluster: little memory is enough. */
const nodeFlags = ["--max-old-space-size=32", "--max-semi-space-size=1", "--single-threaded-gc"];

/** A shell that ends at once leaves the keeper without a parent, so that who kills the tree of the supervisor misses it. */
const orphan = '"$@" <&3 3<&- &';

/** Starts a keeper. Where there is none, say because the shell is missing, a killed supervisor leaves more behind. */
export function startKeeper(): Keeper {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  const keeper = [process.execPath, ...nodeFlags, program, `of-${process.pid}`];
  const words = ["-c", orphan, "sh", ...keeper];
  const child = spawn("/bin/sh", words, {
    cwd: "/",
    detached: true,
    // Node.js closes the pipe to standard input when the shell ends; this one stays.
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    env: {
      ...(PATH !== undefined && { PATH }),
      ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }),
    },
  });
  child.on("error", () => {
    // It could not be started: as documented.
  });
  // Without descriptors left, Node.js leaves the pipe out.
  const pipe = child.stdio[3] as Socket | undefined;
  pipe?.on("error", () => {
    // It was killed: as documented.
  });
  child.unref();
  pipe?.unref();
  const say = (state: KeeperState) => void pipe?.write(`${JSON.stringify(state)}\n`);
  return {
    keep: say,
    dismiss: () => {
      say(nothingToKeep);
      pipe?.end();
    },
  };
}
