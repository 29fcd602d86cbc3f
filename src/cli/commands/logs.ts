import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { parseCount } from "./parsers.ts";
import { deploymentFlag, onOff, type RunningFlags } from "./running-flags.ts";

export interface LogsFlags extends RunningFlags {
  readonly follow: boolean;
  readonly lines: number;
  readonly raw: boolean;
}

/** `penstock logs`: what the processes of a running deployment say. */
export const logsCommand = buildCommand<LogsFlags, [string?], CliContext>({
  loader: async () => (await import("../run/logs.ts")).runLogs,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Id of a process, or the number of a rank; by default all of them",
          placeholder: "PROCESS",
          parse: String,
          optional: true,
        },
      ],
    },
    flags: {
      follow: { ...onOff, brief: "Go on until the deployment ends" },
      lines: {
        kind: "parsed",
        parse: parseCount,
        brief: "Lines of each process that were written already",
        placeholder: "LINES",
        default: "20",
      },
      raw: { ...onOff, brief: "Print JSON log lines as they are" },
      deployment: deploymentFlag,
    },
    aliases: { f: "follow", n: "lines" },
  },
  docs: {
    brief: "Show what the processes of a running deployment say",
    customUsage: ["[-f] [-n LINES] [--raw] [--deployment NAME] [PROCESS]"],
    fullDescription: [
      "Shows the last log lines of one process of a running deployment, or of all, each line behind its process's id.",
      "Following goes on over restarts and rotated files and ends with the deployment. Times of Penstock's own lines",
      "are UTC.",
      "",
      "  penstock logs",
      "  penstock logs rank-3 -f",
      "  penstock logs 3 -n 200                     the same process, where only one ends with rank-3",
      "  penstock logs -f --deployment 4711         Slurm job 4711",
    ].join("\n"),
  },
});
