import { PenstockError } from "../../errors/mod.ts";
import { type JobFacts, parseJob } from "./parse-job.ts";
import type { RunTool, ToolOptions } from "./run-tool.ts";

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
  const { exitCode, stdout, stderr } = await runTool(words, options);
  if (exitCode === 0) return parseJob(stdout);
  if (/invalid job id/i.test(stderr)) return undefined;
  const reason = stderr.trim() || `it ended with exit code ${exitCode}`;
  throw new PenstockError("SLURM_TOOL_FAILED", { program: "scontrol", reason });
}
