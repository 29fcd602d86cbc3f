/** What every command about a running deployment takes. */
export interface RunningFlags {
  readonly deployment?: string;
}

/** How a deployment is named, for the help of such a command. */
export const deploymentFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Id or its beginning, port, output directory or Slurm job",
  placeholder: "NAME",
} as const;

export const jobParameter = {
  kind: "tuple",
  parameters: [
    {
      brief: "Number of a Slurm job, or a deployment as --deployment names it",
      placeholder: "JOB",
      parse: String,
      optional: true,
    },
  ],
} as const;

export const onOff = { kind: "boolean", default: false, withNegated: false } as const;
