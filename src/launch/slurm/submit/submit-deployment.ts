import { dirname } from "node:path";
import { PenstockError } from "../../../errors/mod.ts";
import { fetchJob } from "../commands/fetch-job.ts";
import { runTool } from "../commands/run-tool.ts";
import { keepRecord, recordsDirectory, recordsOf } from "../files/job-record.ts";
import { SlurmJob } from "../job/slurm-job.ts";
import type { JobRequest } from "./explain-refusal.ts";
import { submitJob } from "./submit-job.ts";

/** What is submitted: the files are in the output directory already. */
export interface DeploymentSubmission {
  /** The batch script, in the output directory. */
  readonly scriptFile: string;
  readonly request: JobRequest;
  /** Whether the nodes see the output directory. */
  readonly sharedFs: boolean;
  /** Hears what the user must be told and what hinders nothing. */
  readonly onNotice: (notice: string) => void;
}

/**
 * Makes sure that a job can be submitted from here, and that none which waits or runs would find its Plan overwritten.
 *
 * @throws PenstockError SBATCH_MISSING, SLURM_TOOL_FAILED, OUTPUT_DIR_IN_USE
 */
export async function checkSubmission(outputDirectory: string): Promise<void> {
  await runTool(["sbatch", "--version"]);
  for (const { jobId } of await recordsOf(outputDirectory, recordsDirectory())) {
    const facts = await fetchJob(jobId, runTool);
    const isOurs = facts?.scriptFile !== undefined && dirname(facts.scriptFile) === outputDirectory;
    if (!isOurs || facts.stage === "ended") continue;
    const state = facts.state;
    throw new PenstockError("OUTPUT_DIR_IN_USE", { directory: outputDirectory, jobId, state });
  }
}

/**
 * Submits a deployment and remembers where its files are.
 *
 * @throws PenstockError SBATCH_MISSING, JOB_REFUSED, JOB_TOO_LARGE, SLURM_TOOL_FAILED; then nothing was submitted
 */
export async function submitDeployment(submission: DeploymentSubmission): Promise<SlurmJob> {
  const { scriptFile, request, sharedFs, onNotice } = submission;
  const { jobId, notice } = await submitJob(scriptFile, request, { runTool, env: process.env });
  if (notice !== undefined) onNotice(notice);
  const outputDirectory = dirname(scriptFile);
  const record = { jobId, outputDirectory, sharedFs, submittedAtMs: Date.now() };
  try {
    await keepRecord(record, recordsDirectory());
  } catch (error) {
    // The job is there, and as long as Slurm knows it, it is found without.
    onNotice(`Cannot keep a record of job ${jobId}: ${(error as Error).message}`);
  }
  return new SlurmJob({ jobId, outputDirectory, sharedFs, nodeCount: request.nodeCount, runTool });
}
