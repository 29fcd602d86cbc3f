import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { PenstockError } from "../../../errors/mod.ts";
import type { DeploymentSource } from "../../control/deployment-source.ts";
import { fetchJob } from "../commands/fetch-job.ts";
import type { JobFacts } from "../commands/parse-job.ts";
import { runTool as runSlurmTool, type RunTool } from "../commands/run-tool.ts";
import { readRecord, recordsDirectory } from "../files/job-record.ts";
import { readPlanFile } from "../files/read-plan.ts";
import { SlurmJob } from "./slurm-job.ts";
import { SlurmSource } from "./slurm-source.ts";

/** A slurmctld that hangs is not waited for where a record tells the same. */
const recordedTimeoutMs = 5_000;

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
      : script === undefined || (await isShared(script));
  return new SlurmJob({ jobId, outputDirectory, sharedFs, nodeCount, runTool });
}

/** Where there is a record, its files can be shown without Slurm's help. */
async function askUnlessRecorded(
  jobId: string,
  runTool: RunTool,
  isRecorded: boolean,
): Promise<JobFacts | undefined> {
  try {
    return await fetchJob(jobId, runTool, isRecorded ? { timeoutMs: recordedTimeoutMs } : {});
  } catch (error) {
    if (isRecorded) return undefined;
    throw error;
  }
}

async function countNodes(jobId: string, outputDirectory: string): Promise<number> {
  try {
    const plan = await readPlanFile(join(outputDirectory, "plan.json"), { timeoutMs: 0 });
    return plan.nodes.length;
  } catch {
    throw unknown(jobId, `there is no Plan of Penstock in "${outputDirectory}"`);
  }
}

/** Where the nodes do not see the Plan's file, they read the Plan from the batch script. */
async function isShared(script: string): Promise<boolean> {
  // One that is gone tells nothing; the files beside it are there.
  const text = await readFile(script, "utf8").catch(() => "");
  return !/ node --plan - --output-dir /.test(text);
}

function unknown(jobId: string, reason: string): PenstockError {
  return new PenstockError("JOB_UNKNOWN", { jobId, reason });
}
