import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { isPenstockError } from "../../errors/mod.ts";
import type { LoadProgress } from "../types.ts";
import { buildBatch } from "./test-support/batch-builder.ts";
import {
  loadModelRunner,
  prepareKernels,
  reserveMemory,
  type ModelRunnerOptions,
} from "./load-model-runner.ts";

const pathOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const qwen3 = pathOf("test/truth/qwen3");

const options = {
  modelDirectory: qwen3,
  dtype: "auto",
  maxNumSeqs: 2,
  maxNumBatchedTokens: 16,
  blockSize: 16,
  threadCount: 2,
} as const satisfies ModelRunnerOptions;

async function assertFails(changes: Partial<ModelRunnerOptions>, code: string, pattern: RegExp) {
  await assert.rejects(loadModelRunner({ ...options, ...changes }), (error) => {
    assert(isPenstockError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

test("loadModelRunner() tells what it has loaded, with progress from 0 to 1", async () => {
  const progress: LoadProgress[] = [];
  const onProgress = (step: LoadProgress) => progress.push(step);
  const runner = await loadModelRunner({ ...options, onProgress });
  try {
    assert.equal(runner.architecture, "Qwen3ForCausalLM");
    assert.equal(runner.dtype, "bfloat16");
    assert.equal(runner.maxModelLen, 512);
    assert.equal(runner.blockCount, (512 / 16) * 2);
    assert.equal(runner.threadCount, 2);
    assert(runner.parameterCount > 10_000 && runner.weightBytes > 2 * runner.parameterCount);
  } finally {
    await runner.close();
  }
  const stages = new Set(progress.map(({ stage }) => stage));
  assert.deepEqual([...stages], ["read config", "load weights", "start threads", "ready"]);
  assert.equal(progress.findLast(({ stage }) => stage === "load weights")?.done, 1);
});

test("loadModelRunner() widens bfloat16 to float32 without a change", async () => {
  const results = [];
  for (const dtype of ["bfloat16", "float32"] as const) {
    const runner = await loadModelRunner({ ...options, dtype });
    const piece = { tokenIds: [3, 4, 5], firstPosition: 0, blockTable: Int32Array.of(0) };
    try {
      assert.equal(runner.dtype, dtype);
      results.push(runner.forward({ ...buildBatch([piece]), logitTokenIndexes: Int32Array.of(2) }));
    } finally {
      await runner.close();
    }
  }
  assert.deepEqual(results[0], results[1]);
});

for (const name of ["reverse-moe", "reverse-dense"]) {
  test(`loadModelRunner() loads the bundled model ${name}`, async () => {
    const modelDirectory = pathOf(`models/penstock/${name}`);
    const runner = await loadModelRunner({ ...options, modelDirectory });
    const piece = { tokenIds: [3, 4, 5], firstPosition: 0, blockTable: Int32Array.of(0) };
    try {
      const batch = { ...buildBatch([piece]), logitTokenIndexes: Int32Array.of(2) };
      assert(runner.forward(batch).every(Number.isFinite));
    } finally {
      await runner.close();
    }
  });
}

test("forward() asserts on a batch beyond its limits and ids out of range", async () => {
  const runner = await loadModelRunner(options);
  const blockTable = Int32Array.of(0, 1);
  const forward = (tokenIds: number[], table = blockTable) =>
    runner.forward(buildBatch([{ tokenIds, firstPosition: 0, blockTable: table }]));
  try {
    assert.throws(() => forward(Array.from({ length: 17 }, () => 1)), assert.AssertionError);
    assert.throws(() => forward([runner.vocabSize]), assert.AssertionError);
    assert.throws(() => forward([-1]), assert.AssertionError);
    assert.throws(() => forward([1], Int32Array.of(runner.blockCount)), assert.AssertionError);
    assert.equal(forward([1]).length, runner.vocabSize);
  } finally {
    await runner.close();
  }
});

test("loadModelRunner() says what does not fit, with numbers", async () => {
  await assertFails({ maxModelLen: 513 }, "MODEL_LEN_TOO_LONG", /at most 512/);
  await assertFails({ kvCacheBytes: 5e9 }, "MODEL_MEMORY_EXCEEDED", /KV cache 4769 MiB/);
  await assertFails(
    { maxModelLen: 512, kvCacheBytes: 100_000 },
    "MODEL_KV_CACHE_TOO_SMALL",
    /512 tokens/,
  );
});

test("loadModelRunner() cuts the model's own length to what a small KV cache holds", async () => {
  const runner = await loadModelRunner({ ...options, kvCacheBytes: 100_000 });
  try {
    assert(runner.maxModelLen < 512 && runner.maxModelLen === runner.blockCount * 16);
  } finally {
    await runner.close();
  }
});

test("prepareKernels() says how to make the compiled kernels", () => {
  assert.throws(
    () => prepareKernels("/nowhere/kernels.wasm"),
    (error) => {
      assert(isPenstockError(error));
      assert.equal(error.code, "MODEL_KERNELS_MISSING");
      assert.match(error.hint, /npm run kernels/);
      return true;
    },
  );
});

test("reserveMemory() says how much the system refused", () => {
  assert.throws(
    () => reserveMemory(2 ** 33),
    (error) => {
      assert(isPenstockError(error));
      assert.equal(error.code, "MODEL_MEMORY_REFUSED");
      assert.match(error.message, /8192 MiB are needed/);
      assert.match(error.hint, /kv_cache_memory_bytes/);
      return true;
    },
  );
});

test("loadModelRunner() names the file of a broken model", async () => {
  await assertFails({ modelDirectory: "/nowhere" }, "MODEL_FILE_MISSING", /config\.json/);
  const directory = mkdtempSync(join(tmpdir(), "penstock-"));
  try {
    cpSync(qwen3, directory, { recursive: true });
    const weights = join(directory, "model.safetensors");
    const config = join(directory, "config.json");
    const right = readFileSync(config, "utf8");
    const wrong = { ...(JSON.parse(right) as object), intermediate_size: 104 };
    writeFileSync(config, JSON.stringify(wrong));
    const broken = { modelDirectory: directory };
    await assertFails(broken, "MODEL_TENSOR_SHAPE", /gate_proj\.weight.*\[96, 64\].*\[104, 64\]/);
    writeFileSync(
      config,
      JSON.stringify({ ...(JSON.parse(right) as object), num_hidden_layers: 3 }),
    );
    await assertFails(broken, "MODEL_TENSOR_MISSING", /layers\.2\./);
    writeFileSync(config, right);
    truncateSync(weights, readFileSync(weights).length - 1);
    await assertFails(broken, "MODEL_SAFETENSORS_TRUNCATED", /model\.safetensors/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
