import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Config, toToml } from "../../config/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import {
  checkSubmission,
  type JobRequest,
  type JobSnapshot,
  type SlurmJob,
  submitDeployment,
} from "../../launch/mod.ts";
import {
  gpusPerNode,
  type Inventory,
  type Plan,
  plannedFiles,
  scriptFile,
} from "../../plan/mod.ts";
import { JobScreen } from "../screen/job-screen.ts";
import { clientAccess } from "./client-access.ts";
import { readScriptTemplate } from "./read-script-template.ts";
import { onStopSignals } from "./stop-signals.ts";
import { writePlannedFiles } from "./write-planned-files.ts";

export interface SlurmServing {
  readonly plan: Plan;
  readonly config: Config;
  readonly inventory: Inventory;
  /** Ends the job when this command is told to end; otherwise the job goes on without it. */
  readonly cancelOnExit: boolean;
  readonly tell: (line: string) => unknown;
  readonly print: (text: string) => unknown;
}

/**
 * Submits the deployment as a job and follows it until it ends, or until this command is told to end.
 *
 * @throws PenstockError what keeps the job from being submitted, or why it ended where nobody had cancelled it
 */
export async function serveOnSlurm(serving: SlurmServing): Promise<void> {
  const { plan, config, inventory, tell } = serving;
  const outputDirectory = resolve(inventory.workingDirectory, config.output_dir);
  await checkSubmission(outputDirectory);
  const scriptTemplate = await readScriptTemplate(config, inventory.workingDirectory);
  const files = plannedFiles(plan, {
    config,
    inventory,
    configText: toToml(config),
    scriptTemplate,
  });
  await writePlannedFiles(outputDirectory, files);
  const sharedFs = config.slurm!.shared_fs;
  if (sharedFs && (await isInMemory(outputDirectory)))
    tell(`output_dir: "${outputDirectory}" is in this machine's memory, where nodes seldom see it`);
  for (const warning of plan.warnings) tell(warning);
  const leaving = leaveOnSignals();
  try {
    const job = await submitDeployment({
      scriptFile: join(outputDirectory, scriptFile),
      request: requestOf(plan, config),
      sharedFs,
      onNotice: tell,
    });
    tellHowToComeBack(job, serving);
    await follow(job, serving, leaving);
  } finally {
    leaving.release();
  }
}

function requestOf(plan: Plan, config: Config): JobRequest {
  const { partition, account, time, nodelist, exclude } = config.slurm!;
  return {
    nodeCount: plan.nodes.length,
    gpusPerNode: gpusPerNode(plan, config),
    partition,
    account,
    time,
    nodelist,
    exclude,
  };
}

/** tmpfs and ramfs, by their numbers in Linux's magic.h; every other kind may well be shared. */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01_02_19_94, 0x85_84_58_f6]);

async function isInMemory(directory: string): Promise<boolean> {
  return memoryFileSystems.has((await statfs(directory)).type);
}

function tellHowToComeBack(job: SlurmJob, { tell, cancelOnExit }: SlurmServing): void {
  const { jobId, outputDirectory } = job.options;
  tell(`Submitted job ${jobId}; its files are in ${outputDirectory}`);
  if (!cancelOnExit) tell("It runs on without this command:");
  tell(`  penstock status ${jobId}              how it stands`);
  tell(`  penstock logs --deployment ${jobId}   what its processes say`);
  tell(`  penstock stop ${jobId}                ends it`);
}

/** What Ctrl-C asks for: leaving, and a second time not to wait for anything either. */
interface Leaving {
  readonly asked: AbortSignal;
  readonly hurried: AbortSignal;
  release(): void;
}

function leaveOnSignals(): Leaving {
  const asked = new AbortController();
  const hurried = new AbortController();
  const release = onStopSignals({ stop: () => asked.abort(), stopNow: () => hurried.abort() });
  return { asked: asked.signal, hurried: hurried.signal, release };
}

async function follow(job: SlurmJob, serving: SlurmServing, leaving: Leaving): Promise<void> {
  const { plan, config, inventory, tell, print, cancelOnExit } = serving;
  const { jobId, outputDirectory } = job.options;
  const onCtrlC = cancelOnExit ? "cancels the job" : "leaves it running";
  const progressScreen = process.stderr;
  const screen = new JobScreen({
    jobId,
    plan,
    outputDirectory,
    access: clientAccess(config, inventory.workingDirectory),
    progressScreen,
    tell,
    print,
    onCtrlC,
  });
  let last: JobSnapshot | undefined;
  for await (const snapshot of job.snapshots(leaving.asked)) {
    const isAgain = (snapshot.facts?.restartCount ?? 0) > (last?.facts?.restartCount ?? 0);
    const lost = isAgain ? await job.lostNodes(snapshot) : "";
    if (lost !== "") tell(`Slurm lost a node of job ${jobId} (${lost})`);
    screen.show(snapshot);
    last = snapshot;
  }
  if (leaving.asked.aborted) return await leave(job, serving, leaving);
  const cause = last === undefined ? undefined : await job.cause(last);
  if (cause !== undefined) throw cause;
}

/** @throws PenstockError JOB_NOT_CANCELLED */
async function leave(job: SlurmJob, serving: SlurmServing, { hurried }: Leaving): Promise<void> {
  const { tell, cancelOnExit } = serving;
  const { jobId } = job.options;
  if (!cancelOnExit) {
    tell(`Job ${jobId} goes on: penstock status ${jobId} shows it, penstock stop ${jobId} ends it`);
    return;
  }
  tell(`Cancelling job ${jobId}`);
  await job.cancel();
  if (!(await job.awaitGone(hurried))) throw new PenstockError("JOB_NOT_CANCELLED", { jobId });
  tell(`Job ${jobId} is gone`);
}
