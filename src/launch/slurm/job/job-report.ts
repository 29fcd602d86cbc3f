import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunTool } from "../commands/run-tool.ts";
import { stepArguments } from "../commands/step-arguments.ts";
import { inShortLines, joinTasks } from "../commands/task-output.ts";
import { type NodeCause, parseCause } from "../files/cause-file.ts";
import { type JobEndpoints, parseEndpoints } from "../files/endpoints-file.ts";
import { type JobAttempt, jobFiles } from "../files/job-files.ts";
import { type NodeStatus, parseNodeStatus } from "../files/node-status.ts";

/** What the nodes of one attempt of a job have written of themselves. */
export interface JobReport {
  /** By number; only of those that have begun. */
  readonly statuses: readonly NodeStatus[];
  readonly causes: readonly NodeCause[];
  /** There once everything is ready. */
  readonly endpoints: JobEndpoints | undefined;
}

export const emptyReport: JobReport = { statuses: [], causes: [], endpoints: undefined };

/** A step on all nodes may wait behind others of this job. */
const remoteTimeoutMs = 60_000;

/** Reads the report from a file system that this machine shares with the nodes. */
export async function readReport(outputDirectory: string, attempt: JobAttempt): Promise<JobReport> {
  const { nodesDirectory, attemptEndpoints } = jobFiles(outputDirectory, attempt);
  const names = await readdir(nodesDirectory).catch(() => []); // Not there before a node has begun.
  const files = names
    .filter((name) => /^(node|cause)-\d+\.json$/.test(name))
    .map((name) => join(nodesDirectory, name));
  const texts = await Promise.all([...files, attemptEndpoints].map(readIfThere));
  return parseReport(texts);
}

/** Reads the report from the nodes' own disks, by a step of the job on all of them. */
export async function readRemoteReport(
  outputDirectory: string,
  attempt: JobAttempt,
  { runTool, nodeCount }: { readonly runTool: RunTool; readonly nodeCount: number },
): Promise<JobReport> {
  const { nodesDirectory, attemptEndpoints } = jobFiles(outputDirectory, attempt);
  const script = inShortLines('cat "$1"/*.json "$2" 2>/dev/null');
  const command = ["sh", "-c", script, "sh", nodesDirectory, attemptEndpoints];
  const step = stepArguments({ jobId: attempt.jobId, nodeCount });
  const { stdout } = await runTool([...step, ...command], { timeoutMs: remoteTimeoutMs });
  return parseReport([...joinTasks(stdout).values()].flatMap((text) => text.split("\n")));
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    // Not written yet, or replaced at this moment: the next look finds it.
    return "";
  }
}

/** Tells the files apart by what is in them, each JSON on one line; whatever is neither is left out. */
export function parseReport(texts: readonly string[]): JobReport {
  const statuses = texts.map(parseNodeStatus).filter((found) => found !== undefined);
  const causes = texts.map(parseCause).filter((found) => found !== undefined);
  // Nodes that see each other's files all the same tell of each other; the last word counts.
  const byNode = new Map(
    statuses
      .toSorted((a, b) => a.writtenAtMs - b.writtenAtMs)
      .map((status) => [status.slurm.node, status]),
  );
  return {
    statuses: [...byNode.values()].toSorted((a, b) => a.slurm.node - b.slurm.node),
    causes: [...new Map(causes.map((cause) => [cause.node, cause])).values()],
    endpoints: texts.map(parseEndpoints).find((found) => found !== undefined),
  };
}
