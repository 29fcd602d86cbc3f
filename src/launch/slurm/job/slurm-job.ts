import { setTimeout as sleep } from "node:timers/promises";
import { isPenstockError, type PenstockError } from "../../../errors/mod.ts";
import { cancelJob } from "../commands/cancel-job.ts";
import { fetchJob } from "../commands/fetch-job.ts";
import type { JobFacts } from "../commands/parse-job.ts";
import type { RunTool } from "../commands/run-tool.ts";
import { explainEnd, lostNodes } from "./explain-end.ts";
import { emptyReport, type JobReport, readRemoteReport, readReport } from "./job-report.ts";
import { readLogTail } from "./read-log-tail.ts";

/** A job as it is at one moment. */
export interface JobSnapshot {
  /** Undefined for a job that Slurm does not know any more. */
  readonly facts: JobFacts | undefined;
  readonly report: JobReport;
  /** What Slurm answered instead, while it does not answer properly; the facts are the last ones then. */
  readonly trouble: string | undefined;
}

export interface SlurmJobOptions {
  readonly jobId: string;
  readonly outputDirectory: string;
  /** Whether this machine sees what the nodes write there. */
  readonly sharedFs: boolean;
  readonly nodeCount: number;
  readonly runTool: RunTool;
}

/** slurmctld is asked this often while things change, and less and less often while they do not. */
const pauseMsMin = 1_000;
const pauseMsMax = 5_000;
/** A step of the job is needed for each look. */
const remotePauseMs = 10_000;
const pauseGrowth = 1.3;
/** Each look reads a file a node: beyond so many nodes it is taken the more rarely. */
const nodesAtFullPace = 256;

/** One look's share: whoever looks hears soon that there is no answer. */
const answerTimeoutMs = 10_000;

/** A restart of slurmctld, with the reading of its state, takes minutes on large clusters. */
const silenceMsMax = 15 * 60_000;

/** Time that a cancelled job may take to vanish: KillWait, then UnkillableStepTimeout, and some. */
const goneMsMax = 5 * 60_000;

/** A job of Penstock, looked at and steered from a machine that need not be one of its nodes. */
export class SlurmJob {
  readonly #options: SlurmJobOptions;
  #silentSinceMs: number | undefined;
  #last: JobSnapshot = { facts: undefined, report: emptyReport, trouble: undefined };

  constructor(options: SlurmJobOptions) {
    this.#options = options;
  }

  get options(): SlurmJobOptions {
    return this.#options;
  }

  /**
   * The job at once; where Slurm does not answer, what the files alone tell.
   *
   * @throws PenstockError SBATCH_MISSING; SLURM_TOOL_FAILED where it did not answer for 15 minutes
   */
  async snapshot(): Promise<JobSnapshot> {
    try {
      const { jobId, runTool } = this.#options;
      const facts = await fetchJob(jobId, runTool, { timeoutMs: answerTimeoutMs });
      // What Slurm says counts also where the nodes do not answer.
      this.#last = { ...this.#last, facts };
      this.#last = { facts, report: await this.#report(facts), trouble: undefined };
      this.#silentSinceMs = undefined;
    } catch (error) {
      if (!isPenstockError(error) || error.code !== "SLURM_TOOL_FAILED") throw error;
      this.#silentSinceMs ??= Date.now();
      if (Date.now() - this.#silentSinceMs > silenceMsMax) throw error;
      const { facts, report } = this.#last;
      const seen = this.#options.sharedFs ? await this.#report(facts) : report;
      this.#last = { facts, report: seen, trouble: error.message };
    }
    return this.#last;
  }

  /**
   * The job at once and then after each change, until it has ended or the signal aborts. A Slurm that does not answer
   * is asked again.
   *
   * @throws PenstockError SLURM_TOOL_FAILED where it did not answer for 15 minutes
   */
  async *snapshots(signal: AbortSignal): AsyncGenerator<JobSnapshot, void, undefined> {
    let shown = "";
    let pauseMs = pauseMsMin;
    while (!signal.aborted) {
      const next = await this.snapshot();
      const text = JSON.stringify(next, withoutTimes);
      pauseMs = text === shown ? Math.min(pauseMsMax, pauseMs * pauseGrowth) : pauseMsMin;
      if (text !== shown) yield next;
      shown = text;
      if (hasEnded(next)) return;
      const slowness = Math.max(1, this.#options.nodeCount / nodesAtFullPace);
      const waitMs = (this.#options.sharedFs ? pauseMs : remotePauseMs) * slowness;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined); // Aborted: the loop sees it.
    }
  }

  /** Why it ended; undefined for one that was told to. Nothing is left of it then but its files. */
  async cause({ facts, report }: JobSnapshot): Promise<PenstockError | undefined> {
    if (facts === undefined) return undefined;
    const { logFile } = facts;
    const log = logFile === undefined ? "" : await readLogTail(logFile);
    const causes = [...report.causes, ...(facts.cause === undefined ? [] : [facts.cause])];
    return explainEnd({ facts, causes, log });
  }

  /** The nodes whose loss has put it back into the queue; empty where it was something else. */
  async lostNodes({ facts }: JobSnapshot): Promise<string> {
    return facts?.logFile === undefined ? "" : lostNodes(await readLogTail(facts.logFile));
  }

  /** @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED */
  async cancel(): Promise<void> {
    await cancelJob(this.#options.jobId, this.#options.runTool);
  }

  /** Waits until Slurm has taken everything of it down; false when that takes too long or the signal aborts. */
  async awaitGone(signal: AbortSignal): Promise<boolean> {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(goneMsMax)]);
    let last: JobSnapshot | undefined;
    for await (const snapshot of this.snapshots(stop)) last = snapshot;
    return last !== undefined && hasEnded(last);
  }

  async #report(facts: JobFacts | undefined): Promise<JobReport> {
    const { outputDirectory, jobId, sharedFs, nodeCount, runTool } = this.#options;
    if (facts?.stage === "queued") return emptyReport;
    const attempt = { jobId, restartCount: facts?.restartCount ?? 0 };
    if (sharedFs) return readReport(outputDirectory, attempt);
    if (facts?.stage !== "running") return this.#last.report;
    return readRemoteReport(outputDirectory, attempt, { runTool, nodeCount });
  }
}

export function hasEnded({ facts, trouble }: JobSnapshot): boolean {
  return trouble === undefined && (facts === undefined || facts.stage === "ended");
}

/** Signs of life and estimates change all the time and mean nothing to whoever follows. */
function withoutTimes(key: string, value: unknown): unknown {
  return key === "writtenAtMs" || key === "startTime" ? undefined : value;
}
