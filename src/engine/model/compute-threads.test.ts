import assert from "node:assert/strict";
import { test } from "node:test";
import { ComputeThreads } from "./compute-threads.ts";
import type { ComputeWorkerData } from "./compute-worker.ts";
import { StepControl } from "./step-control.ts";

test("ComputeThreads.start() rejects when a thread cannot start, and leaves none behind", async () => {
  const seat = { index: 0, count: 3 };
  const control = new StepControl(new SharedArrayBuffer(4_096), { address: 0, seat });
  // Neither kernels nor memory: the threads throw while they are set up.
  const data = { seat } as ComputeWorkerData;
  await assert.rejects(ComputeThreads.start(data, control), { code: "MODEL_THREAD_FAILED" });
});
