import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deploymentFlag, jobParameter, onOff, type RunningFlags } from "./running-flags.ts";

export interface StopFlags extends RunningFlags {
  readonly now: boolean;
}

/** `penstock stop`: takes a running deployment down. */
export const stopCommand = buildCommand<StopFlags, [string?], CliContext>({
  loader: async () => (await import("../run/stop.ts")).runStop,
  parameters: {
    positional: jobParameter,
    flags: {
      now: { ...onOff, brief: "Kill the processes instead of letting them finish what they do" },
      deployment: deploymentFlag,
    },
  },
  docs: {
    brief: "Stop a running deployment and wait until it is gone",
    customUsage: ["[--now] [--deployment NAME | JOB]"],
    fullDescription: [
      "Stops a running deployment as Ctrl-C of penstock serve does, and waits until it is gone. A Slurm job is cancelled.",
      "",
      "  penstock stop",
      "  penstock stop --now",
      "  penstock stop --deployment k4f             the deployment whose id begins with k4f",
      "  penstock stop 4711                         Slurm job 4711",
    ].join("\n"),
  },
});
