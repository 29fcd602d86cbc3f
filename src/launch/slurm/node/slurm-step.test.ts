import assert from "node:assert/strict";
import { test } from "node:test";
import { readSlurmStep } from "./slurm-step.ts";

const env = {
  SLURM_JOB_ID: "11",
  SLURM_NODEID: "2",
  SLURM_PROCID: "2",
  SLURM_STEP_NODELIST: "x[0-3]",
  SLURM_STEP_NUM_NODES: "4",
  SLURM_STEP_NUM_TASKS: "4",
};

test("readSlurmStep() tells which node of the Plan this is", () => {
  const step = { jobId: "11", restartCount: 0, node: 2, nodeCount: 4, nodeList: "x[0-3]" };
  assert.deepEqual(readSlurmStep(env, 4), step);
  assert.deepEqual(readSlurmStep({ ...env, SLURM_RESTART_COUNT: "3" }, 4), {
    ...step,
    restartCount: 3,
  });
});

test("readSlurmStep() refuses a step of another size than the Plan's, and what is no step", () => {
  const refused = [
    [{}, 4, /SLURM_NODEID is not set/],
    [env, 3, /the step has 4 nodes and the Plan has 3/],
    [{ ...env, SLURM_STEP_NUM_TASKS: "8" }, 4, /8 tasks on 4 nodes/],
    [{ ...env, SLURM_PROCID: "3" }, 4, /where one on each is needed/],
    [{ ...env, SLURM_NODEID: "9", SLURM_PROCID: "9" }, 4, /SLURM_NODEID is 9 of 4/],
    [{ ...env, SLURM_NODEID: "-1" }, 4, /"-1", which is no number/],
    [{ ...env, SLURM_JOB_ID: "../x" }, 4, /SLURM_JOB_ID is/],
  ] as const;
  for (const [given, nodeCount, message] of refused)
    assert.throws(() => readSlurmStep(given, nodeCount), { code: "SLURM_STEP_INVALID", message });
});
