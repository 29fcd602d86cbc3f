import type { RunTool } from "./run-tool.ts";

/** Slurm's own default. */
const killWaitMsDefault = 30_000;

/** Time between Slurm's SIGTERM and its SIGKILL, in milliseconds, as the cluster has it set. */
export async function readKillWait(runTool: RunTool): Promise<number> {
  try {
    const { stdout } = await runTool(["scontrol", "show", "config"]);
    const seconds = /^KillWait\s*=\s*(\d{1,6}) sec/m.exec(stdout)?.[1];
    return seconds === undefined ? killWaitMsDefault : Number(seconds) * 1_000;
  } catch {
    // slurmctld is busy: a deployment does not fail for want of a number that is nearly always this one.
    return killWaitMsDefault;
  }
}
