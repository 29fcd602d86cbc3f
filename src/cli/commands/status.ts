import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { deploymentFlag, jobParameter, onOff, type RunningFlags } from "./running-flags.ts";

export interface StatusFlags extends RunningFlags {
  readonly json: boolean;
  readonly follow: boolean;
}

/** `penstock status`: how running deployments stand. */
export const statusCommand = buildCommand<StatusFlags, [string?], CliContext>({
  loader: async () => (await import("../run/status.ts")).runStatus,
  parameters: {
    positional: jobParameter,
    flags: {
      json: { ...onOff, brief: "Print JSON: an object with deployments and notes" },
      follow: { ...onOff, brief: "Go on showing it until it ends; with --json an object a line" },
      deployment: deploymentFlag,
    },
    aliases: { f: "follow" },
  },
  docs: {
    brief: "Show how a running deployment stands: its processes, endpoints and logs",
    customUsage: ["[-f] [--json] [--deployment NAME | JOB]"],
    fullDescription: [
      "Shows the processes of a running deployment, what each waits for, how often it was restarted, the endpoints and",
      "where the logs are. Where several run on this machine and none is named, one line for each.",
      "",
      "  penstock status",
      "  penstock status -f",
      "  penstock status --deployment 8000          the deployment whose clients use port 8000",
      "  penstock status 4711                       Slurm job 4711",
      "  penstock status --json",
      "",
      "Deployments of this user on this machine are found by sockets in $XDG_RUNTIME_DIR/penstock, or a directory",
      "penstock-UID for temporary files; where PENSTOCK_RUNTIME_DIR names a directory, only there.",
    ].join("\n"),
  },
});
