import type { LogEntry, LogRequest } from "../deployment-source.ts";
import { type LogFile, readLogs } from "./read-logs.ts";

export interface ReadLogsUntilOptions extends LogRequest {
  readonly files: readonly LogFile[];
  /** Settles when nothing more is written, or when the signal aborts. Called only where the files are followed. */
  readonly awaitEnd: (signal: AbortSignal) => Promise<void>;
}

/**
 * Reads log files, and follows them until whoever writes them has ended.
 *
 * @throws PenstockError LOG_NOT_READABLE, and what waiting for the end fails with
 */
export async function* readLogsUntil(
  options: ReadLogsUntilOptions,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const watching = new AbortController();
  const signal = AbortSignal.any([options.signal, watching.signal]);
  const ended = options.follow ? options.awaitEnd(signal) : Promise.resolve();
  // Whoever hears of a failure hears of it below; until then it has to count as handled.
  ended.catch(() => undefined);
  try {
    yield* readLogs({ ...options, ended });
  } finally {
    watching.abort();
  }
  await ended;
}
