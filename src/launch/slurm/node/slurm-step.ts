import { PenstockError } from "../../../errors/mod.ts";

/** What Slurm tells one task of a step by its environment. */
export interface SlurmStep {
  readonly jobId: string;
  /** How often the job was put back into the queue. */
  readonly restartCount: number;
  /** Number of this node within the step, from 0. */
  readonly node: number;
  readonly nodeCount: number;
  /** As Slurm writes lists of nodes: "n[0-3]". */
  readonly nodeList: string;
}

/**
 * Reads the place of this process in its step, which must be one task on each node.
 *
 * @throws PenstockError SLURM_STEP_INVALID
 */
export function readSlurmStep(env: NodeJS.ProcessEnv, nodeCount: number): SlurmStep {
  const node = number(env, "SLURM_NODEID");
  const found = number(env, "SLURM_STEP_NUM_NODES");
  if (found !== nodeCount)
    throw refuse(`the step has ${found} nodes and the Plan has ${nodeCount}`);
  const tasks = number(env, "SLURM_STEP_NUM_TASKS");
  if (tasks !== nodeCount || number(env, "SLURM_PROCID") !== node)
    throw refuse(`the step has ${tasks} tasks on ${nodeCount} nodes, where one on each is needed`);
  if (node >= nodeCount) throw refuse(`SLURM_NODEID is ${node} of ${nodeCount} nodes`);
  return {
    jobId: String(number(env, "SLURM_JOB_ID")),
    restartCount: env["SLURM_RESTART_COUNT"] === undefined ? 0 : number(env, "SLURM_RESTART_COUNT"),
    node,
    nodeCount,
    nodeList: text(env, "SLURM_STEP_NODELIST"),
  };
}

function number(env: NodeJS.ProcessEnv, name: string): number {
  const value = text(env, name);
  if (!/^\d{1,10}$/.test(value)) throw refuse(`${name} is "${value}", which is no number`);
  return Number(value);
}

function text(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "")
    throw refuse(`${name} is not set, so that this is no step of a Slurm job`);
  return value;
}

function refuse(reason: string): PenstockError {
  return new PenstockError("SLURM_STEP_INVALID", { reason });
}
