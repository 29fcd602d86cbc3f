import { PenstockError } from "../../../errors/mod.ts";
import { reasonOf, type RunTool } from "./run-tool.ts";

/**
 * Asks Slurm to end a job; resolves when that is taken in. Its processes get SIGTERM, and SIGKILL after KillWait.
 * A job that has ended already is none to cancel, and that is well.
 *
 * @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED
 */
export async function cancelJob(jobId: string, runTool: RunTool): Promise<void> {
  const answer = await runTool(["scancel", jobId]);
  const hasEnded = /already completing or completed|Invalid job id/i.test(answer.stderr);
  if (answer.exitCode === 0 || hasEnded) return;
  const facts = { program: "scancel", reason: reasonOf(answer) };
  throw new PenstockError("SLURM_TOOL_FAILED", facts);
}
