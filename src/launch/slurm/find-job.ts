import { access } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { PenstockError } from "../../errors/mod.ts";
import type { DeploymentSource } from "../control/deployment-source.ts";
import { fetchJob } from "./fetch-job.ts";
import { jobFiles } from "./job-files.ts";
import { readRecord, recordsDirectory } from "./job-record.ts";
import type { JobFacts } from "./parse-job.ts";
import { readPlanFile } from "./read-plan.ts";
import { runTool as runSlurmTool, type RunTool } from "./run-tool.ts";
import { SlurmJob } from "./slurm-job.ts";
import { SlurmSource } from "./slurm-source.ts";

/**
 * Opens a job by its number, from any machine that reaches Slurm or has submitted it.
 *
 * @throws PenstockError JOB_UNKNOWN, SLURM_TOOL_FAILED
 */
export async function openJob(
  jobId: string,
  runTool: RunTool = runSlurmTool,
): Promise<DeploymentSource> {
  return new SlurmSource(await findJob(jobId, runTool, recordsDirectory()));
}

/**
 * Finds a job's files: beside the batch script that Slurm has it by, or where the record of its submission says.
 *
 * @throws PenstockError JOB_UNKNOWN, SLURM_TOOL_FAILED
 */
export async function findJob(jobId: string, runTool: RunTool, records: string): Promise<SlurmJob> {
  const record = await readRecord(jobId, records);
  const facts = await askUnlessRecorded(jobId, runTool, record !== undefined);
  if (facts === undefined && record === undefined)
    throw unknown(jobId, "Slurm does not know it, and it was not submitted from this machine");
  const script = facts?.scriptFile;
  const outputDirectory =
    script !== undefined && isAbsolute(script) ? dirname(script) : record?.outputDirectory;
  if (outputDirectory === undefined) throw unknown(jobId, "Slurm does not have its batch script");
  const nodeCount = await countNodes(jobId, outputDirectory);
  // A number may be another job's by now, of another cluster or after a restart from nothing.
  const sharedFs =
    record?.outputDirectory === outputDirectory
      ? record.sharedFs
      : facts === undefined || (await isSeen(outputDirectory, facts));
  return new SlurmJob({ jobId, outputDirectory, sharedFs, nodeCount, runTool });
}

/** Where there is a record, its files can be shown without Slurm's help. */
async function askUnlessRecorded(
  jobId: string,
  runTool: RunTool,
  isRecorded: boolean,
): Promise<JobFacts | undefined> {
  try {
    return await fetchJob(jobId, runTool);
  } catch (error) {
    if (isRecorded) return undefined;
    throw error;
  }
}

async function countNodes(jobId: string, outputDirectory: string): Promise<number> {
  try {
    const plan = await readPlanFile(join(outputDirectory, "plan.json"), 0);
    return plan.nodes.length;
  } catch {
    throw unknown(jobId, `there is no Plan of Penstock in "${outputDirectory}"`);
  }
}

/** A running job whose folder is not here has it on its nodes. */
async function isSeen(outputDirectory: string, facts: JobFacts): Promise<boolean> {
  if (facts.stage !== "running") return true;
  try {
    await access(jobFiles(outputDirectory, facts).nodesDirectory);
    return true;
  } catch {
    return false;
  }
}

function unknown(jobId: string, reason: string): PenstockError {
  return new PenstockError("JOB_UNKNOWN", { jobId, reason });
}
