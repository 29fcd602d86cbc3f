import { commentOfCause, type NodeCause } from "../files/cause-file.ts";
import { fetchJob } from "./fetch-job.ts";
import type { RunTool } from "./run-tool.ts";

/**
 * Keeps a cause as the comment of its job, where it outlives the job's nodes, unless another node was there first.
 *
 * @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED
 */
export async function leaveWithSlurm(
  jobId: string,
  cause: NodeCause,
  runTool: RunTool,
): Promise<void> {
  const facts = await fetchJob(jobId, runTool);
  if (facts?.cause !== undefined) return;
  const comment = `Comment=${commentOfCause(cause)}`;
  await runTool(["scontrol", "update", `JobId=${jobId}`, comment]);
}
