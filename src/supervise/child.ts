import { type ChildProcess, spawn } from "node:child_process";
import type { ChildOutput } from "./logs/child-output.ts";
import type { Ending, ProcessSpec } from "./process-spec.ts";
import type { ProcessTree } from "./tree/process-tree.ts";

/** How long output may still arrive from a process that has ended. */
const outputGraceMs = 500;

export interface Child {
  readonly pid: number | undefined;
  /** Asks the process to end. */
  terminate(): void;
  /** Ends the process and everything that descends from it at once. */
  kill(): void;
  /** Gives up on a process that not even SIGKILL ends, so that the supervisor itself can end. */
  abandon(): void;
}

export interface ChildOptions {
  readonly output: ChildOutput;
  readonly tree: ProcessTree;
  /** Hears of the end when nobody of the tree is left and the output is complete. */
  readonly onEnded: (ending: Ending) => void;
}

/**
 * Starts a process as the leader of a session of its own, so that its children can be ended with it and Ctrl-C
 * in the terminal reaches the supervisor alone. Its standard input is a pipe that says nothing: it ends when
 * the supervisor does, however that dies, and tells the process to end too.
 */
export function startChild(spec: ProcessSpec, { output, tree, onEnded }: ChildOptions): Child {
  const child = spawnSession(spec, tree);
  if (child instanceof Error) {
    process.nextTick(onEnded, { kind: "not-started", reason: child.message } satisfies Ending);
    return { pid: undefined, terminate: nothing, kill: nothing, abandon: nothing };
  }
  // Without descriptors left, Node.js reports the failure and leaves the streams out.
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) output.take(stream);
  child.stdin?.on("error", () => {
    // The process ended with its pipe open; how it ended is reported by its exit.
  });
  child.once("error", (error) => {
    if (child.pid === undefined) onEnded({ kind: "not-started", reason: error.message });
  });
  child.once("exit", (exitCode, signal) => {
    signalGroup(child, "SIGKILL");
    const ending = toEnding(exitCode, signal);
    void Promise.all([tree.end(), outputEnd(child)]).then(() => onEnded(ending));
  });
  return {
    pid: child.pid,
    terminate: () => void child.kill("SIGTERM"),
    kill: () => {
      // The tree first: when its parents are dead it is not seen any more who descends from whom.
      tree.signal("SIGKILL");
      if (!hasEnded(child)) signalGroup(child, "SIGKILL");
    },
    abandon: () => {
      closePipes(child);
      child.unref();
    },
  };
}

function nothing(): void {
  // There is no process to do it to.
}

/** Some failures to start are thrown, others arrive as an event of the child. */
function spawnSession(spec: ProcessSpec, tree: ProcessTree): ChildProcess | Error {
  const [program, ...args] = spec.argv;
  const env = { ...process.env, ...spec.env, ...tree.env, PENSTOCK_SUPERVISED: "1" };
  try {
    return spawn(program!, args, { detached: true, stdio: ["pipe", "pipe", "pipe"], env });
  } catch (error) {
    return error as Error;
  }
}

function closePipes(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}

function toEnding(exitCode: number | null, signal: string | null): Ending {
  return signal === null ? { kind: "exit", exitCode: exitCode ?? 1 } : { kind: "signal", signal };
}

/** Then the system may give its number to others; the group was ended with it, the tree is being ended. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Signals the group that the process leads; the number stays taken while any of its members lives. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}

/** Waits for the last output, though not for whoever has the pipe open and cannot be ended. */
function outputEnd(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => closePipes(child), outputGraceMs);
    child.once("close", () => {
      clearTimeout(timer);
      closePipes(child);
      resolve();
    });
  });
}
