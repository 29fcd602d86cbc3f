import { PenstockError } from "../../errors/mod.ts";
import { sbatchLine } from "./sbatch-line.ts";
import { shellWord } from "./shell-word.ts";

/** What a batch script says; null leaves a line out. */
export interface BatchScriptOptions {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly jobName: string;
  readonly partition: string | null;
  readonly account: string | null;
  /** As Slurm takes it: "2-00:00:00", "90". */
  readonly time: string | null;
  readonly nodelist: string | null;
  readonly exclude: string | null;
  /** The deployment's output directory: absolute, on a file system that every node sees; has no backslash. */
  readonly outputDirectory: string;
  /** Where the job runs and looks for `.env`; absolute. */
  readonly projectDirectory: string;
  /** What the user wants each node's bash to run before anything starts. */
  readonly preRunCommand: string | null;
  /** The program and first arguments that start Penstock on a node. */
  readonly penstockCommand: readonly string[];
}

export const planFile = "plan.json";

/**
 * The script that `sbatch` takes. It holds no logic: it makes the environment and starts one `penstock node` on each
 * node; which processes run there is in the Plan beside it.
 *
 * @throws PenstockError SLURM_VALUE_NOT_WRITABLE
 */
export function batchScript(options: BatchScriptOptions): string {
  return [
    "#!/usr/bin/env bash",
    ...headerLines(options),
    "",
    ...environmentLines(options),
    "",
    "# One process on each node; it looks up its part of the Plan and minds it until the job ends.",
    nodeCommand(options),
    "",
  ].join("\n");
}

function headerLines(options: BatchScriptOptions): readonly string[] {
  const { outputDirectory, gpusPerNode } = options;
  const line = (name: string, value: string | number | null, key: string): readonly string[] =>
    value === null ? [] : [sbatchLine(name, value, key)];
  return [
    ...line("job-name", options.jobName, "slurm.job_name"),
    ...line("partition", options.partition, "slurm.partition"),
    ...line("account", options.account, "slurm.account"),
    ...line("time", options.time, "slurm.time"),
    ...line("nodelist", options.nodelist, "slurm.nodelist"),
    ...line("exclude", options.exclude, "slurm.exclude"),
    ...line("nodes", options.nodeCount, "deployment.num_nodes"),
    ...line("ntasks-per-node", 1, "deployment.num_nodes"),
    ...(gpusPerNode > 0 ? line("gpus-per-node", gpusPerNode, "deployment.gpus_per_node") : []),
    // GPUs are named by their numbers and ports are fixed: nobody else may use the nodes at the same time.
    "#SBATCH --exclusive",
    // Zero is all of a node's memory, where a cluster's default may be little.
    "#SBATCH --mem=0",
    sbatchLine("output", `${fileName(outputDirectory)}/logs/job_%j.log`, "output_dir"),
  ];
}

/** A path as Slurm's file names take it: `%%` is a per cent sign, and a backslash would switch `%j` off. */
function fileName(path: string): string {
  if (path.includes("\\"))
    throw new PenstockError("SLURM_VALUE_NOT_WRITABLE", {
      key: "output_dir",
      reason: "it holds a backslash",
    });
  return path.replaceAll("%", "%%");
}

function environmentLines({ projectDirectory }: BatchScriptOptions): readonly string[] {
  return [
    "# What stands in single quotes is meant as it is.",
    "# shellcheck disable=SC1003,SC2016",
    "set -e",
    `cd ${shellWord(projectDirectory, "slurm.project_dir")}`,
    "if [[ -f .env ]]; then",
    "  set -a",
    "  # shellcheck source=/dev/null",
    "  . ./.env",
    "  set +a",
    "fi",
  ];
}

function nodeCommand(options: BatchScriptOptions): string {
  const { nodeCount, outputDirectory, penstockCommand } = options;
  const words = [
    ...preRun(options.preRunCommand),
    ...penstockCommand.map((word) => shellWord(word, "output_dir")),
    "node",
    "--plan",
    shellWord(`${outputDirectory}/${planFile}`, "output_dir"),
  ];
  return [
    "exec srun --kill-on-bad-exit=1",
    `--nodes=${nodeCount} --ntasks=${nodeCount} --ntasks-per-node=1 --cpu-bind=none`,
    ...words,
  ].join(" ");
}

/** Runs the user's command on each node, in the shell that then becomes `penstock node` and hands its variables on. */
function preRun(command: string | null): readonly string[] {
  if (command === null) return [];
  const wrapper = `'eval -- "$1"; shift; exec "$@"'`;
  return ["bash", "-ec", wrapper, "pre-run", shellWord(command, "slurm.pre_run_command")];
}
