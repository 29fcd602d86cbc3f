import type { DeploymentStatus } from "./types.ts";

/**
 * A running deployment that can be looked at and steered from outside, wherever it runs: behind a control socket of
 * this machine, or as a job of a scheduler. The commands `status`, `logs`, `stop` and `restart` know nothing else.
 */
export interface DeploymentSource {
  /** Names it in sentences: `deployment "k4f09a"`, `job 4711`. */
  readonly name: string;

  /** @throws PenstockError where it has ended, or does not answer in time. */
  status(): Promise<SourceStatus>;

  /**
   * The status at once and then after every change, several changes close together as one; a reader that is slow
   * gets the latest. Ends when the deployment has ended or the signal aborts.
   *
   * @throws PenstockError where it does not answer in time.
   */
  watch(signal: AbortSignal): AsyncIterable<SourceStatus>;

  /** Asks it to stop, gently or at once; resolves when that is taken in, not when it has stopped. */
  stop(options: { readonly now: boolean }): Promise<void>;

  /**
   * Asks for a restart of one process; resolves when that is taken in, not when it is ready again.
   *
   * @throws PenstockError PROCESS_UNKNOWN, PROCESS_NOT_RESTARTABLE
   */
  restart(processId: string): Promise<void>;

  /** Lines of the processes' logs in batches, oldest first; with `follow` until the deployment ends or the signal aborts. */
  logs(request: LogRequest): AsyncIterable<readonly LogEntry[]>;
}

/** What there is to show of deployments. */
export interface StatusReport {
  /** By node; empty while a job waits for its nodes. */
  readonly parts: readonly DeploymentStatus[];
  /** What else there is to say, a line each: `job 4711 is queued: Resources`. */
  readonly notes: readonly string[];
}

/** How one deployment stands; several parts where several nodes report. */
export interface SourceStatus extends StatusReport {
  /** Nothing of it serves any more; what is left are its files. */
  readonly isOver: boolean;
}

export interface LogRequest {
  /** Ids of processes that the status lists. */
  readonly processIds: readonly string[];
  /** Lines of each process that were written already. */
  readonly lineCount: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogEntry {
  readonly processId: string;
  /** As it was written, without its line end; not yet safe for a terminal. */
  readonly line: string;
}

/** Opens a job of a scheduler by its number. @throws PenstockError where there is no such job. */
export type JobOpener = (jobId: string) => Promise<DeploymentSource>;
