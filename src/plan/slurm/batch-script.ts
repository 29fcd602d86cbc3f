import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import { fillTemplate, type ScriptTemplate } from "./fill-template.ts";
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
  /** The deployment's output directory: absolute; has no backslash. */
  readonly outputDirectory: string;
  /** The Plan as JSON on one line, where the nodes do not see the output directory; null where they do. */
  readonly planText: string | null;
  /** Where the job runs and looks for `.env`; absolute. */
  readonly projectDirectory: string;
  /** What the user wants each node's bash to run before anything starts. */
  readonly preRunCommand: string | null;
  /** The program and first arguments that start Penstock on a node. */
  readonly penstockCommand: readonly string[];
  /** The user's own; null takes Penstock's. */
  readonly template: ScriptTemplate | null;
}

export const planFile = "plan.json";

const ownTemplate: ScriptTemplate = {
  path: "Penstock's own template",
  text: `#!/usr/bin/env bash
{{sbatch_lines}}

{{environment}}

# One process on each node; it looks up its part of the Plan and minds it until the job ends.
exec {{node_command}}
`,
};

/**
 * The script that `sbatch` takes. It holds no logic: it makes the environment and starts one `penstock node` on each
 * node; which processes run there is in the Plan. As `srun` is the script's last process, `scancel` and the time
 * limit reach each `penstock node` as SIGTERM, with Slurm's KillWait to obey it.
 *
 * @throws PenstockError SLURM_VALUE_NOT_WRITABLE, SLURM_TEMPLATE_INVALID
 */
export function batchScript(options: BatchScriptOptions): string {
  return fillTemplate(options.template ?? ownTemplate, {
    sbatch_lines: headerLines(options).join("\n"),
    environment: environmentLines(options).join("\n"),
    node_command: nodeCommand(options),
    job_name: shellWord(options.jobName, "slurm.job_name"),
    node_count: String(options.nodeCount),
    gpus_per_node: String(options.gpusPerNode),
    output_dir: shellWord(options.outputDirectory, "output_dir"),
    project_dir: shellWord(options.projectDirectory, "slurm.project_dir"),
  });
}

function headerLines(options: BatchScriptOptions): readonly string[] {
  const { gpusPerNode } = options;
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
    sbatchLine("output", jobLog(options), "output_dir"),
  ];
}

/** Slurm opens it on the job's first node before the script runs, and starts nothing where its directory is missing. */
function jobLog({ outputDirectory, planText }: BatchScriptOptions): string {
  const name = fileName(outputDirectory);
  return planText === null ? `${name}/logs/job_%j.log` : "/tmp/penstock_%j.log";
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
  const { nodeCount, outputDirectory, penstockCommand, planText } = options;
  const words = [
    // Variables of the script go on to the nodes, also at sites where jobs start without any.
    "srun --kill-on-bad-exit=1 --export=ALL",
    `--nodes=${nodeCount} --ntasks=${nodeCount} --ntasks-per-node=1 --cpu-bind=none`,
    ...preRun(options.preRunCommand),
    ...penstockCommand.map((word) => shellWord(word, "output_dir")),
    "node",
    "--plan",
    ...(planText === null
      ? [shellWord(`${outputDirectory}/${planFile}`, "output_dir")]
      : ["-", "--output-dir", shellWord(outputDirectory, "output_dir")]),
  ];
  return `${words.join(" ")}${planText === null ? "" : hereDocument(planText)}`;
}

/** srun hands a copy of it to every node. No line of JSON is the word that ends it. */
function hereDocument(planText: string): string {
  assert.doesNotMatch(planText, /\n/);
  return ` <<'PLAN'\n${planText}\nPLAN`;
}

/**
 * Runs the user's command on each node, in the shell that then becomes `penstock node` and hands its variables on.
 * Standard input is kept from it: the Plan may come that way. A command that fails ends the job before Penstock is
 * there to say so, so that the shell does; whoever explains the end of a job looks for this line.
 */
function preRun(command: string | null): readonly string[] {
  if (command === null) return [];
  const line =
    "penstock node $SLURM_NODEID ($SLURMD_NODENAME): slurm.pre_run_command ended with exit code $?";
  const wrapper = [
    `pre_run_failed() { echo "${line}" >&2; }`,
    "trap pre_run_failed EXIT",
    'eval -- "$1" </dev/null',
    "trap - EXIT",
    "shift",
    'exec "$@"',
  ].join("; ");
  return ["bash", "-ec", `'${wrapper}'`, "pre-run", shellWord(command, "slurm.pre_run_command")];
}
