import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deploymentFlag, type RunningFlags } from "./running-flags.ts";

/** Flags of `penstock restart`. */
export interface RestartFlags extends RunningFlags {
  readonly noWait: boolean;
}

/** `penstock restart`: one process of a running deployment anew. */
export const restartCommand = buildCommand<RestartFlags, [string], CliContext>({
  loader: async () => (await import("../run/restart.ts")).runRestart,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Id of a process, or the number of a rank",
          placeholder: "PROCESS",
          parse: String,
        },
      ],
    },
    flags: {
      deployment: deploymentFlag,
      noWait: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "End as soon as the restart has begun",
      },
    },
  },
  docs: {
    brief: "Restart one process of a running deployment and wait until it is ready",
    customUsage: ["[--deployment NAME] [--no-wait] PROCESS"],
    fullDescription: [
      "Restarts one process of a running deployment and waits until it is ready again. Processes that cannot live",
      "without each other, as the ranks of one data-parallel group of vLLM, are not restarted alone.",
      "",
      "  penstock restart rank-3",
      "  penstock restart 3                         the same process, where only one ends with rank-3",
      "  penstock restart router-0 --deployment 4711",
    ].join("\n"),
  },
});
