import assert from "node:assert/strict";
import { test } from "node:test";
import type { FitReport } from "../../plan/mod.ts";
import type { FitFlags } from "../commands/fit.ts";
import { runFit } from "./fit.ts";

const flags: FitFlags = {
  model: "models/penstock/reverse-moe",
  gpu: "H100",
  tp: 1,
  dp: 1,
  ep: false,
  numRedundantExperts: 0,
  kvCacheDtype: "auto",
  blockSize: 16,
  disableHybridKvCacheManager: false,
  json: false,
};

async function run(change: Partial<FitFlags>) {
  const printed = { stdout: "", stderr: "" };
  const process = {
    exitCode: null as number | string | null,
    stdout: { write: (text: string) => void (printed.stdout += text) },
    stderr: { write: (text: string) => void (printed.stderr += text) },
  };
  await runFit.call({ process }, { ...flags, ...change });
  return { ...printed, exitCode: process.exitCode };
}

test("runFit() prints the bundled model's report", async () => {
  const { stdout, exitCode } = await run({});
  assert.match(stdout, /^Qwen3MoeForCausalLM fits 1 × H100, TP 1 × DP 1$/m);
  assert.match(stdout, /^  all +1\.06 M +2\.12 MB$/m);
  assert.equal(exitCode, null);
});

test("runFit() prints JSON and hands every flag over", async () => {
  const given = {
    gpu: "A100" as const,
    gpuMemoryBytes: 5e9,
    gpuMemoryUtilization: 0.5,
    tp: 2,
    dp: 3,
    ep: true,
    numRedundantExperts: 4,
    inputLen: 100,
    outputLen: 50,
    kvCacheDtype: "fp8" as const,
    blockSize: 32,
    maxNumBatchedTokens: 512,
    maxNumSeqs: 8,
    reserveBytes: 7,
    disableHybridKvCacheManager: true,
  };
  const { stdout } = await run({ ...given, json: true });
  const { gpu, ...settings } = (JSON.parse(stdout) as FitReport).settings;
  assert.equal(gpu.name, "A100");
  assert.deepEqual(settings, {
    gpuMemoryBytes: 5e9,
    gpuMemoryUtilization: 0.5,
    tensorParallelSize: 2,
    dataParallelSize: 3,
    enableExpertParallel: true,
    numRedundantExperts: 4,
    kvCacheDtype: "fp8",
    blockSize: 32,
    inputLength: 100,
    outputLength: 50,
    maxNumBatchedTokens: 512,
    maxNumSeqs: 8,
    reserveBytes: 7,
    hybridKvCache: false,
    flopsUtilization: 0.5,
    bandwidthUtilization: 0.6,
  });
});

test("runFit() ends with 1 where the model does not fit, and says why", async () => {
  const { stdout, exitCode } = await run({ tp: 3 });
  assert.equal(exitCode, 1);
  assert.match(stdout, /does not fit 3 × H100/);
  assert.match(stdout, /^Problems\n  - The 4 attention heads cannot be divided by TP 3$/m);
});

test("runFit() passes the mistakes of a directory on", async () => {
  await assert.rejects(run({ model: "src" }), { code: "MODEL_FILE_MISSING" });
});
