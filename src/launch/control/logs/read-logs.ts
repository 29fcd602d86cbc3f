import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry, LogRequest } from "../deployment-source.ts";
import { pollMs, tailBytesMax } from "./limits.ts";
import { LogFollower } from "./log-follower.ts";
import { mergeByTime, type ProcessLines } from "./merge-by-time.ts";

export interface LogFile {
  /** Of the process that writes it. */
  readonly id: string;
  readonly logFile: string;
}

export interface ReadLogsOptions extends Omit<LogRequest, "processIds"> {
  readonly files: readonly LogFile[];
  /** Settles, well or not, when nothing more is written; what is there by then is still read. */
  readonly ended: Promise<void>;
}

/**
 * The last lines of log files that this machine can read, and with `follow` what comes after them, across rotation.
 *
 * @throws PenstockError LOG_NOT_READABLE
 */
export async function* readLogs(
  options: ReadLogsOptions,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const followed = options.files.map(({ id, logFile }) => ({
    processId: id,
    follower: new LogFollower(logFile),
  }));
  const ask = async (
    read: (follower: LogFollower) => Promise<readonly string[]> | readonly string[],
  ): Promise<readonly LogEntry[]> => {
    const lines = followed.map(async ({ processId, follower }): Promise<ProcessLines> => {
      return { processId, lines: await read(follower) };
    });
    return mergeByTime(await Promise.all(lines));
  };
  try {
    const bytesMax = Math.floor(tailBytesMax / Math.max(1, followed.length));
    yield await ask((follower) => follower.tail(options.lineCount, bytesMax));
    if (options.follow) yield* more(() => ask((follower) => follower.next()), options);
    yield await ask((follower) => follower.rest());
  } finally {
    await Promise.all(followed.map(({ follower }) => follower.close()));
  }
}

/** What is written until the end, looked for again and again. */
async function* more(
  read: () => Promise<readonly LogEntry[]>,
  { ended, signal }: Pick<ReadLogsOptions, "ended" | "signal">,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const over = new AbortController();
  const settle = (): void => over.abort();
  ended.then(settle, settle);
  const stop = AbortSignal.any([signal, over.signal]);
  while (!signal.aborted) {
    // Asked before reading: what was written before the end is read after it.
    const isLast = over.signal.aborted;
    const entries = await read();
    if (entries.length > 0) yield entries;
    else if (isLast) return;
    else await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined); // Woken by the end.
  }
}
