import type { PenstockError } from "../../errors/mod.ts";
import type { Plan } from "../../plan/mod.ts";
import type { DeploymentView } from "../../supervise/mod.ts";

export interface NodeRunOptions {
  /** In which every `{node:3}` is an address already. */
  readonly plan: Plan;
  /** Numbers of the nodes whose processes run here: one under Slurm, all of them on one machine. */
  readonly nodes: readonly number[];
  /** Takes the files of the processes; absolute. */
  readonly outputDirectory: string;
  /** Exists; takes `<process id>.log`. */
  readonly logDirectory: string;
  /** Paths that are removed when this process is killed; otherwise they are the caller's to remove. */
  readonly removedWhenKilled?: readonly string[];
  /** Hears of every change, the first one included. */
  readonly onChange: (view: DeploymentView) => void;
}

/** The processes of some nodes, started and minded. */
export interface NodeRun {
  /** Settles when nothing of it is left: with the cause, or undefined when it was asked to stop. Never rejects. */
  readonly ended: Promise<PenstockError | undefined>;
  view(): DeploymentView;
  stop(): void;
  stopNow(): void;
  /** @throws PenstockError PROCESS_UNKNOWN, PROCESS_NOT_RESTARTABLE */
  restart(processId: string): void;
}
