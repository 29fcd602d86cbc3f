import { z } from "zod";
import { path } from "./scalars.ts";

/** A value of an #SBATCH line: Slurm splits such lines at blanks. */
const word = z
  .string()
  .regex(/^[^\s\0]+$/)
  .meta({ expected: "text without blanks" });

/** Where and how Slurm runs the deployment. */
export const slurmSchema = z.strictObject({
  job_name: word.default("penstock").meta({
    expected: "text without blanks",
    description: "Name of the job.",
  }),
  partition: word.nullable().default(null).meta({
    expected: "text without blanks",
    description: "Partition; None takes the cluster's default.",
  }),
  account: word.nullable().default(null).meta({
    expected: "text without blanks",
    description: "Account that the job is charged to; None takes the user's default.",
  }),
  time: z
    .string()
    .regex(/^(\d+-\d+(:\d+){0,2}|\d+(:\d+){0,2}|UNLIMITED|INFINITE)$/i)
    .nullable()
    .default(null)
    .meta({
      expected: 'a time limit as sbatch takes it ("60", "2:00:00", "1-12:00:00")',
      description: "Time limit of the job; None takes the partition's.",
    }),
  nodelist: word.nullable().default(null).meta({
    expected: "text without blanks",
    description: "Nodes that the job must have, as Slurm writes lists of nodes.",
  }),
  exclude: word.nullable().default(null).meta({
    expected: "text without blanks",
    description: "Nodes that the job must not have, as Slurm writes lists of nodes.",
  }),
  pre_run_command: z.string().min(1).nullable().default(null).meta({
    description: "Shell command that each node runs before anything starts.",
  }),
  template_path: path.nullable().default(null).meta({
    expected: "a path",
    description:
      "Template of the batch script: any script in which {{sbatch_lines}}, {{environment}}, {{node_command}}, {{job_name}}, {{node_count}}, {{gpus_per_node}}, {{output_dir}} and {{project_dir}} stand for what Penstock knows; None takes its own, which is the first three after each other.",
  }),
  shared_fs: z.boolean().default(true).meta({
    description:
      "Whether all nodes see output_dir; otherwise the Plan travels inside the batch script, each node writes to its own output_dir, and the job's log is /tmp/penstock_JOBID.log on its first node.",
  }),
  project_dir: path.nullable().default(null).meta({
    expected: "a path",
    description: "Directory that every node changes to first; None takes that of the submission.",
  }),
});
