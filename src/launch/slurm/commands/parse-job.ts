import { causeOfComment, type NodeCause } from "../files/cause-file.ts";
import { parseFields } from "./parse-fields.ts";

/** Where a job is, for whoever waits for it. */
export type JobStage = "queued" | "running" | "ending" | "ended";

/** What Slurm knows of a job. */
export interface JobFacts {
  readonly jobId: string;
  readonly stage: JobStage;
  /** In Slurm's words: "PENDING", "NODE_FAIL". */
  readonly state: string;
  /** Why it waits, or has ended, in Slurm's words: "Resources"; undefined where there is nothing to say. */
  readonly reason: string | undefined;
  /** How often it was put back into the queue. */
  readonly restartCount: number;
  /** "1:0": exit code and signal of the batch script. */
  readonly exitCode: string | undefined;
  /** As Slurm writes lists of nodes: "n[0-3]"; undefined while it has none. */
  readonly nodeList: string | undefined;
  /** When it is expected to start, or has started; local time of the cluster. */
  readonly startTime: string | undefined;
  /** The node that the batch script runs on. */
  readonly batchHost: string | undefined;
  readonly timeLimit: string | undefined;
  /** The batch script, by the name it was submitted under. */
  readonly scriptFile: string | undefined;
  readonly logFile: string | undefined;
  /** What the first node that failed has left with Slurm, where the nodes share no files. */
  readonly cause: NodeCause | undefined;
}

const stages: Readonly<Record<string, JobStage>> = {
  PENDING: "queued",
  REQUEUED: "queued",
  REQUEUE_FED: "queued",
  REQUEUE_HOLD: "queued",
  SPECIAL_EXIT: "queued",
  RESV_DEL_HOLD: "queued",
  CONFIGURING: "running",
  POWER_UP_NODE: "running",
  RUNNING: "running",
  RESIZING: "running",
  SIGNALING: "running",
  STAGE_OUT: "running",
  STOPPED: "running",
  SUSPENDED: "running",
  COMPLETING: "ending",
};

/** The first job of what `scontrol show job -o` prints; undefined where it shows none. */
export function parseJob(text: string): JobFacts | undefined {
  const fields = parseFields(text).find(({ JobId }) => JobId !== undefined);
  if (fields === undefined) return undefined;
  const { JobId, JobState, Reason, Restarts, ExitCode, NodeList, StartTime, TimeLimit } = fields;
  // Newer releases tell flags behind the state: "PENDING,REQUEUED", "RUNNING+COMPLETING".
  const states = (JobState ?? "UNKNOWN").split(/[,+]/);
  const isEnding = states.includes("COMPLETING");
  return {
    jobId: JobId!,
    stage: isEnding ? "ending" : (stages[states[0]!] ?? "ended"),
    state: states[0]!,
    reason: Reason === "None" ? undefined : Reason,
    restartCount: Number(Restarts ?? 0),
    exitCode: ExitCode,
    nodeList: NodeList,
    startTime: StartTime === "Unknown" ? undefined : StartTime,
    timeLimit: TimeLimit,
    batchHost: fields["BatchHost"],
    scriptFile: fields["Command"],
    logFile: fields["StdOut"]?.replaceAll("%j", JobId!),
    cause: causeOfComment(fields["Comment"] ?? ""),
  };
}
