import type { PenstockError } from "../../../errors/mod.ts";
import type { JobFacts } from "../commands/parse-job.ts";
import type { JobSnapshot } from "./slurm-job.ts";

/** Three signs of life that did not come, and some for clocks that differ. */
const silenceMsMax = 45_000;

export interface DescribedJob {
  readonly jobId: string;
  readonly nodeCount: number;
  readonly snapshot: JobSnapshot;
  /** Why it has ended, where it was not told to. */
  readonly cause: PenstockError | undefined;
  readonly nowMs: number;
}

/** How a job stands, a sentence a line. */
export function describeJob(job: DescribedJob): readonly string[] {
  const { jobId, snapshot, cause } = job;
  const { facts, trouble } = snapshot;
  const unknown =
    trouble === undefined
      ? `Job ${jobId} has ended and Slurm has forgotten it`
      : `Nobody knows whether job ${jobId} still runs`;
  return [
    facts === undefined ? `${unknown}; this is what its nodes said last` : describeStage(facts),
    ...(facts?.stage === "running" ? describeNodes(job) : []),
    ...(cause === undefined ? [] : [cause.message, cause.hint]),
    ...(trouble === undefined ? [] : [trouble]),
  ];
}

/** One sentence that changes only when something has happened. */
export function describeStage(facts: JobFacts): string {
  const { jobId, stage, state, reason, nodeList, restartCount } = facts;
  const where = nodeList ?? "its nodes";
  const again = restartCount === 0 ? "" : ` (run ${restartCount + 1})`;
  if (stage === "ended") return `Job ${jobId} has ended: ${state}`;
  if (stage === "ending") return `Job ${jobId} is coming down`;
  if (stage === "queued")
    return `Job ${jobId} is queued${again}${reason === undefined ? "" : `: ${reason}`}`;
  const verb = state === "RUNNING" ? "runs" : `is ${state}`;
  return `Job ${jobId} ${verb} on ${where}${again}`;
}

function describeNodes({ nodeCount, snapshot, nowMs }: DescribedJob): readonly string[] {
  const { statuses, endpoints } = snapshot.report;
  const missingCount = nodeCount - statuses.length;
  const silent = statuses.filter(({ writtenAtMs }) => nowMs - writtenAtMs > silenceMsMax);
  return [
    ...(missingCount > 0 ? [`${missingCount} of ${nodeCount} nodes have not begun`] : []),
    ...silent.map(({ slurm, hostname, writtenAtMs }) => {
      const seconds = Math.round((nowMs - writtenAtMs) / 1_000);
      return `Node ${slurm.node} ("${hostname}") has said nothing for ${seconds} s`;
    }),
    ...(endpoints === undefined
      ? []
      : [`Ready at ${endpoints.client.map((url) => `${url}/v1`).join(", ")}`]),
  ];
}
