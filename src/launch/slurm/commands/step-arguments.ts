/** Which nodes of a running job a step is for: all, or one by its name. */
export interface StepWish {
  readonly jobId: string;
  readonly nodeCount: number;
  readonly hostname?: string;
}

/** The `srun` that runs a small command beside what the job runs already; the command follows. */
export function stepArguments({ jobId, nodeCount, hostname }: StepWish): readonly string[] {
  const count = hostname === undefined ? nodeCount : 1;
  return [
    "srun",
    "--quiet",
    `--jobid=${jobId}`,
    "--overlap",
    `--nodes=${count}`,
    `--ntasks=${count}`,
    "--ntasks-per-node=1",
    "--mpi=none",
    "--gres=none",
    "--mem=0",
    ...(hostname === undefined ? [] : [`--nodelist=${hostname}`]),
  ];
}
