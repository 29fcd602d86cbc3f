import assert from "node:assert/strict";
import { test } from "node:test";
import { plannedProcess } from "../../test-support/planned-process.ts";
import { gpuProblems } from "./gpu-problems.ts";

const gib = 2 ** 30;

function engineOn(gpus: readonly number[], ...argv: readonly string[]) {
  return plannedProcess({ kind: "engine", gpus, argv: ["vllm", "serve", "m", ...argv] });
}

function gpusWith(...freeGib: readonly number[]) {
  const gpus = freeGib.map((free, index) => ({
    index,
    name: "H100",
    totalBytes: 80 * gib,
    freeBytes: free * gib,
  }));
  return { gpus, reason: null };
}

function messagesOf(...[processes, found]: Parameters<typeof gpuProblems>): readonly string[] {
  return gpuProblems(processes, found).map(({ message }) => message);
}

test("gpuProblems() has nothing to say where every planned GPU is there and free", () => {
  const engines = [
    engineOn([0, 1], "--gpu-memory-utilization", "0.9"),
    engineOn([2], "--gpu-memory-utilization", "0.5"),
    plannedProcess(),
  ];
  assert.deepEqual(messagesOf(engines, gpusWith(79, 72, 40)), []);
  assert.deepEqual(messagesOf([plannedProcess()], { gpus: [], reason: "none" }), []);
});

test("gpuProblems() names every GPU that is not there", () => {
  const engines = [engineOn([0, 2]), engineOn([5])];
  assert.deepEqual(messagesOf(engines, gpusWith(80, 80)), [
    "GPU 2 is wanted, but this machine has GPUs 0, 1",
    "GPU 5 is wanted, but this machine has GPUs 0, 1",
  ]);
});

test("gpuProblems() needs one line where there are none at all", () => {
  const found = { gpus: [], reason: "there is no nvidia-smi on PATH" };
  assert.deepEqual(messagesOf([engineOn([3, 1])], found), [
    "GPUs 1, 3 are wanted, but there is no nvidia-smi on PATH",
  ]);
});

test("gpuProblems() compares free memory with what all engines of a GPU ask for", () => {
  const share = ["--gpu-memory-utilization", "0.25"];
  assert.deepEqual(messagesOf([engineOn([0], ...share)], gpusWith(20)), []);
  assert.deepEqual(messagesOf([engineOn([0], ...share), engineOn([0], ...share)], gpusWith(20)), [
    "GPU 0 (H100) has 20.0 of 80.0 GiB free, but gpu_memory_utilization asks for 40.0 GiB",
  ]);
  assert.match(messagesOf([engineOn([0])], gpusWith(73))[0]!, /asks for 73\.6 GiB/);
});

test("gpuProblems() reckons with no memory where the driver does not tell of it", () => {
  const gpus = [{ index: 0, name: "GB10", totalBytes: null, freeBytes: null }];
  assert.deepEqual(messagesOf([engineOn([0])], { gpus, reason: null }), []);
});
