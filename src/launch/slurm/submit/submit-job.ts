import { PenstockError } from "../../../errors/mod.ts";
import { isAway } from "../commands/ask-patiently.ts";
import { parsePartition, partitionFormat } from "../commands/parse-partition.ts";
import type { RunTool } from "../commands/run-tool.ts";
import {
  compareWithNodes,
  explainRefusal,
  isAboutNodes,
  type JobRequest,
  refusalWords,
} from "./explain-refusal.ts";

/** A busy slurmctld may take this long to take a job. */
const submitTimeoutMs = 120_000;

/** What a program has to keep of the environment to find its cluster. */
const clusterVariables: ReadonlySet<string> = new Set([
  "SLURM_CONF",
  "SLURM_CONF_SERVER",
  "SLURM_CLUSTERS",
  "SLURM_JWT",
  "SLURM_DEBUG_FLAGS",
]);

export interface SubmittedJob {
  readonly jobId: string;
  /** What the user must hear: that it waits for nodes which are out of service. */
  readonly notice: string | undefined;
}

/**
 * Submits a batch script, after Slurm has said that it would take it.
 *
 * @throws PenstockError SBATCH_MISSING, JOB_REFUSED, JOB_TOO_LARGE, SLURM_TOOL_FAILED; then nothing was submitted
 */
export async function submitJob(
  scriptFile: string,
  request: JobRequest,
  { runTool, env }: { readonly runTool: RunTool; readonly env: NodeJS.ProcessEnv },
): Promise<SubmittedJob> {
  const options = { timeoutMs: submitTimeoutMs, env: withoutOuterJob(env) };
  const tested = await runTool(["sbatch", "--test-only", scriptFile], options);
  const notice = tested.exitCode === 0 ? undefined : await weigh(tested.stderr, request, runTool);
  const { exitCode, stdout, stderr } = await runTool(["sbatch", "--parsable", scriptFile], options);
  if (exitCode !== 0) throw refuse(stderr, request);
  const jobId = /^(\d+)(;|\s|$)/m.exec(stdout)?.[1];
  if (jobId === undefined) {
    const reason = `it printed "${stdout.trim().slice(0, 200)}" where the number of the job is wanted`;
    throw new PenstockError("SLURM_TOOL_FAILED", { program: "sbatch", reason });
  }
  return { jobId, notice };
}

/** A notice where the job only has to wait. @throws PenstockError where it can never run */
async function weigh(
  stderr: string,
  request: JobRequest,
  runTool: RunTool,
): Promise<string | undefined> {
  const words = refusalWords(stderr);
  if (!isAboutNodes(words)) throw refuse(stderr, request);
  const { stdout } = await runTool(["sinfo", "-h", "-a", "-e", "-o", partitionFormat]);
  const found = compareWithNodes(request, parsePartition(stdout));
  if (typeof found === "string") return found;
  throw found ?? refuse(stderr, request);
}

function refuse(stderr: string, request: JobRequest): PenstockError {
  const words = refusalWords(stderr);
  if (!isAway(words)) return explainRefusal(words, request);
  return new PenstockError("SLURM_TOOL_FAILED", { program: "sbatch", reason: words });
}

/** A job that is submitted from within another one must not take over that one's sizes. */
function withoutOuterJob(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isKept = ([name]: [string, unknown]): boolean =>
    !name.startsWith("SLURM_") || clusterVariables.has(name);
  return Object.fromEntries(Object.entries(env).filter(isKept));
}
