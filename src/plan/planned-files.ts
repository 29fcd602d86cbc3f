import assert from "node:assert/strict";
import { posix } from "node:path";
import type { Config } from "../config/mod.ts";
import type { Inventory } from "./inventory.ts";
import { rayFile, rayServe } from "./ray-serve.ts";
import { batchScript, planFile } from "./slurm/batch-script.ts";
import type { ScriptTemplate } from "./slurm/fill-template.ts";
import { gpusPerNode } from "./slurm/gpus-per-node.ts";
import { shellWord } from "./slurm/shell-word.ts";
import type { Plan, PlannedFile } from "./types.ts";

export interface PlannedFilesOptions {
  readonly config: Config;
  /** The resolved configuration as TOML. */
  readonly configText: string;
  readonly inventory: Inventory;
  /** The text of the file at slurm.template_path; undefined where that key is None. */
  readonly scriptTemplate?: string | undefined;
}

const configFile = "config.toml";
/** The batch script, relative to the output directory. */
export const scriptFile = "penstock.sbatch";

/**
 * Everything that is written to the output directory before the deployment starts: the resolved configuration, the
 * Plan, the batch script of a deployment under Slurm, the same deployment as a Ray Serve application, and the files
 * of its processes, in which `{node:3}` still stands for an address.
 *
 * @throws PenstockError SLURM_VALUE_NOT_WRITABLE, SLURM_TEMPLATE_INVALID
 */
export function plannedFiles(plan: Plan, options: PlannedFilesOptions): readonly PlannedFile[] {
  const { host, port } = options.config.server;
  const ray = rayServe(plan, { host, port });
  const script = plan.launcher === "slurm" ? [slurmScript(plan, options)] : [];
  return [
    { path: configFile, content: options.configText },
    { path: planFile, content: `${JSON.stringify(plan, null, 2)}\n` },
    ...script,
    ...(ray === null ? [] : [ray.file]),
    ...plan.nodes.flatMap(({ processes }) => processes.flatMap(({ files }) => files)),
  ];
}

/** What to do with the files of the output directory. */
export function howToRun(plan: Plan, outputDirectory: string): string {
  const file = (name: string): string => shellWord(`${outputDirectory}/${name}`, "output_dir");
  const onRay =
    plan.engine === "vllm" ? ["", `On a Ray cluster:\n\n  serve run ${file(rayFile)}`] : [];
  return [...(plan.launcher === "slurm" ? underSlurm(plan, file) : onMachine(file)), ...onRay].join(
    "\n",
  );
}

function onMachine(file: (name: string) => string): readonly string[] {
  return ["On this machine:", "", `  penstock serve @ ${file(configFile)}`];
}

function underSlurm({ nodes }: Plan, file: (name: string) => string): readonly string[] {
  const nodeCount = nodes.length === 1 ? "1 node" : `${nodes.length} nodes`;
  return [`Under Slurm, where it takes ${nodeCount}:`, "", `  sbatch ${file(scriptFile)}`];
}

function slurmScript(plan: Plan, options: PlannedFilesOptions): PlannedFile {
  const { config, inventory } = options;
  const { workingDirectory, penstockCommand } = inventory;
  const slurm = config.slurm!;
  const content = batchScript({
    nodeCount: plan.nodes.length,
    gpusPerNode: gpusPerNode(plan, config),
    jobName: slurm.job_name,
    partition: slurm.partition,
    account: slurm.account,
    time: slurm.time,
    nodelist: slurm.nodelist,
    exclude: slurm.exclude,
    preRunCommand: slurm.pre_run_command,
    outputDirectory: posix.resolve(workingDirectory, config.output_dir),
    projectDirectory: posix.resolve(workingDirectory, slurm.project_dir ?? "."),
    planText: slurm.shared_fs ? null : JSON.stringify(plan),
    penstockCommand,
    template: templateOf(slurm.template_path, options.scriptTemplate),
  });
  return { path: scriptFile, content };
}

function templateOf(path: string | null, text: string | undefined): ScriptTemplate | null {
  if (path === null) return null;
  assert.ok(text !== undefined, "whoever asks for the files has read slurm.template_path");
  return { path, text };
}
