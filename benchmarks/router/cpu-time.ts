import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ, which Linux fixes at 100 for programs. */
const nanosecondsPerTick = 10_000_000n;

/** CPU time that a group of processes has used until a moment, by two accounts of the kernel. */
export interface CpuTime {
  /** Of the threads that live: /proc/PID/task/TID/schedstat. */
  readonly living: bigint;
  /** Of all threads, also those that ended: utime and stime of /proc/PID/stat. */
  readonly ticks: bigint;
}

/** A process and all below it. */
export function processTree(rootPid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid)) parents.set(pid, Number(statFields(pid)[1]));
  }
  const tree = [rootPid];
  for (const parent of tree) for (const [pid, its] of parents) if (its === parent) tree.push(pid);
  return tree;
}

/** @throws Error A process is gone, so nothing is known of what it used. */
export function readCpuTime(pids: readonly number[]): CpuTime {
  let living = 0n;
  let ticks = 0n;
  for (const pid of pids) {
    const fields = statFields(pid);
    if (fields.length === 0) throw new Error(`Process ${pid} has ended`);
    ticks += BigInt(fields[11]!) + BigInt(fields[12]!);
    for (const thread of threadsOf(pid)) living += livingTime(pid, thread);
  }
  return { living, ticks };
}

/**
 * Microseconds of CPU between two moments. The account of living threads is exact, but a thread that ends takes its
 * share away; the other one counts in steps of 10 ms and keeps it.
 */
export function cpuMicroseconds(before: CpuTime, after: CpuTime): number {
  const exact = after.living - before.living;
  const whole = (after.ticks - before.ticks) * nanosecondsPerTick;
  const lost = whole - exact;
  return Number(lost > 2n * nanosecondsPerTick && lost * 50n > whole ? whole : exact) / 1_000;
}

/** Fields of /proc/PID/stat behind the name, from the state on; none where the process is gone. */
function statFields(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // It ended between being listed and being read.
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // The same.
  }
}

function livingTime(pid: number, thread: string): bigint {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1");
    return BigInt(text.slice(0, text.indexOf(" ")));
  } catch {
    return 0n; // The thread has ended.
  }
}
