import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** Flags of `penstock node`. */
export interface NodeFlags {
  readonly plan: string;
  readonly outputDir?: string;
}

/** `penstock node`: one node's part of a Slurm job. */
export const nodeCommand = buildCommand<NodeFlags, [], CliContext>({
  loader: async () => (await import("../run/node.ts")).runNode,
  parameters: {
    flags: {
      plan: {
        kind: "parsed",
        parse: String,
        brief: "File with the Plan; - reads it from standard input",
        placeholder: "file",
      },
      outputDir: {
        kind: "parsed",
        parse: String,
        brief:
          "Directory of this node that takes logs and files; that of the Plan's file where it is not given",
        placeholder: "directory",
        optional: true,
      },
    },
  },
  docs: {
    brief: "Run one node's part of a Slurm job; the batch script starts it on each node",
    fullDescription: [
      "Runs one node's part of a Slurm job. The batch script that penstock serve writes starts it once on each node:",
      "",
      "  srun --kill-on-bad-exit=1 --ntasks-per-node=1 penstock node --plan outputs/plan.json",
    ].join("\n"),
  },
});
