import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fetchJob } from "../commands/fetch-job.ts";
import type { RunTool } from "../commands/run-tool.ts";

/** Jobs whose logs stay in an output directory, the new one included. */
export const jobsKeptMax = 10;

/** A node writes its status every 10 s; one of a cluster that this one knows nothing of does so too. */
const silenceMsMin = 3_600_000;

interface Attempt {
  readonly jobId: string;
  readonly directory: string;
}

/**
 * Removes the logs of old jobs: the newest ones stay, and those that are queued, run, or were written to of late.
 *
 * @throws PenstockError SLURM_TOOL_FAILED, SBATCH_MISSING; a system error
 */
export async function removeOldJobs(
  outputDirectory: string,
  ownJobId: string,
  { runTool, nowMs = Date.now() }: { readonly runTool: RunTool; readonly nowMs?: number },
): Promise<void> {
  const logs = join(outputDirectory, "logs");
  const attempts = (await attemptsIn(logs)).filter(({ jobId }) => jobId !== ownJobId);
  const byJob = [...Map.groupBy(attempts, ({ jobId }) => jobId)];
  const newestFirst = byJob.toSorted(([one], [other]) => Number(other) - Number(one));
  for (const [jobId, own] of newestFirst.slice(jobsKeptMax - 1)) {
    const written = await Promise.all(own.map(({ directory }) => writtenAtMs(directory)));
    if (written.some((atMs) => nowMs - atMs < silenceMsMin)) continue;
    const stage = (await fetchJob(jobId, runTool))?.stage ?? "ended";
    if (stage !== "ended") continue;
    const paths = [...own.map(({ directory }) => directory), join(logs, `job_${jobId}.log`)];
    for (const path of paths) await rm(path, { recursive: true, force: true });
  }
}

/** Those of jobs: a deployment of one machine that writes to the same directory numbers its own, without nodes. */
async function attemptsIn(logs: string): Promise<readonly Attempt[]> {
  const attempts = (await readdir(logs)).flatMap((name) => {
    const jobId = /^attempt_(\d{1,10})(_\d{1,10})?$/.exec(name)?.[1];
    return jobId === undefined ? [] : [{ jobId, directory: join(logs, name) }];
  });
  const isJobs = await Promise.all(attempts.map(({ directory }) => writtenAtMs(directory)));
  return attempts.filter((_, index) => isJobs[index]! > 0);
}

/** Each status replaces a file, which changes its folder; 0 where there is none. */
async function writtenAtMs(directory: string): Promise<number> {
  try {
    return (await stat(join(directory, "nodes"))).mtimeMs;
  } catch {
    return 0; // No job's, or removed by another one at this moment.
  }
}
