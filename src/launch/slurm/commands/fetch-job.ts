import { PenstockError } from "../../../errors/mod.ts";
import { type JobFacts, parseJob } from "./parse-job.ts";
import { reasonOf, type RunTool, type ToolOptions } from "./run-tool.ts";

/**
 * What Slurm knows of a job; undefined for one that it does not know, or has forgotten some minutes after its end
 * (MinJobAge).
 *
 * @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED where it does not answer
 */
export async function fetchJob(
  jobId: string,
  runTool: RunTool,
  options: ToolOptions = {},
): Promise<JobFacts | undefined> {
  const words = ["scontrol", "show", "job", "-o", jobId];
  const answer = await runTool(words, options);
  if (answer.exitCode === 0) return parseJob(answer.stdout);
  if (/invalid job id/i.test(answer.stderr)) return undefined;
  const facts = { program: "scontrol", reason: reasonOf(answer) };
  throw new PenstockError("SLURM_TOOL_FAILED", facts);
}
