import type { PenstockError } from "../errors/mod.ts";
import type { Plan } from "../plan/mod.ts";
import type { DeploymentView } from "../supervise/mod.ts";

/** What carries out a Plan: on this machine, or wherever a scheduler puts it. */
export type Launcher = (request: LaunchRequest) => Promise<Deployment>;

export interface LaunchRequest {
  readonly plan: Plan;
  /** Takes everything that the deployment writes. */
  readonly outputDirectory: string;
  /** The release of vLLM that was found or named: "0.31.0"; null where there is none. */
  readonly vllmVersion: string | null;
  /** Hears of every change in the deployment, from the first process that starts on. */
  readonly onChange: (view: DeploymentView) => void;
}

/** A deployment that was started. */
export interface Deployment {
  /** What `penstock status` and its like call it. */
  readonly id: string;
  /** With the addresses of its nodes. */
  readonly plan: Plan;
  readonly logDirectory: string;
  /** Settles when nothing of it is left: with the cause, or undefined when it was asked to stop. Never rejects. */
  readonly ended: Promise<PenstockError | undefined>;
  /** Takes it down gently. */
  stop(): void;
  /** Takes it down at once. */
  stopNow(): void;
}
