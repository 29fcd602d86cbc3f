import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseModelShape } from "../../model-facts/mod.ts";
import { isPenstockError } from "../../errors/mod.ts";
import { fitReport, gpuNames, kvCacheDtypes } from "./mod.ts";
import { models } from "./test-support/models.ts";

test("fitReport() fits Llama-3.1-8B on one H100 with room for some 450,000 tokens", () => {
  const report = fitReport(models["Llama-3.1-8B"]);
  assert.deepEqual(report.problems, []);
  assert.equal(report.fits, true);
  assert(report.capacity.tokens > 400_000 && report.capacity.tokens < 500_000);
  assert.equal(report.kvCache.bytesPerToken, 131_072);
  assert.equal(report.kvCache.copies, 1);
});

test("fitReport() does not fit Llama-3.1-70B on one H100, nor on two; on four it does", () => {
  const fits = (tensorParallelSize: number) =>
    fitReport(models["Llama-3.1-70B"], { tensorParallelSize });
  assert.match(fits(1).problems.join(), /Weights and reserve need \d+ bytes/);
  assert.equal(fits(1).ratio, null);
  assert.equal(fits(4).fits, true);
});

test("fitReport() says when memory is left but not for one request", () => {
  const options = { inputLength: 100_000, outputLength: 1_000, reserveBytes: 0 };
  const { problems } = fitReport(models["Llama-3.1-8B"], { ...options, gpuMemoryBytes: 20e9 });
  assert.match(problems.join(), /One request of 101000 tokens needs \d+ bytes/);
});

test("fitReport() fits DeepSeek-V3 on 16 H200 with expert parallelism, not without", () => {
  const wide = { gpu: "H200", dataParallelSize: 16 } as const;
  const report = fitReport(models["DeepSeek-V3"], { ...wide, enableExpertParallel: true });
  assert.equal(report.fits, true);
  assert.equal(report.capacity.requests, 16 * report.capacity.requestsPerRank);
  assert.match(report.assumptions.join(), /multi-token prediction/);
});

test("fitReport() tells windows and copies of KV heads apart from the growth of a sequence", () => {
  const gemma = fitReport(models["Gemma-3-27B"]).kvCache;
  assert.equal(gemma.bytesPerToken, 10 * 8_192);
  assert.equal(gemma.windowBytesMax, 52 * 1_024 * 8_192);
  const plain = fitReport(models["Gemma-3-27B"], { hybridKvCache: false }).kvCache;
  assert.deepEqual([plain.bytesPerToken, plain.windowBytesMax], [62 * 8_192, 0]);
  assert.equal(fitReport(models["Llama-3.1-8B"], { tensorParallelSize: 16 }).kvCache.copies, 2);
  assert.equal(fitReport(models["DeepSeek-V3"], { tensorParallelSize: 8 }).kvCache.copies, 8);
});

test("fitReport() is frozen and survives JSON", () => {
  const report = fitReport(models["Qwen3-30B-A3B"], { tensorParallelSize: 2 });
  assert(Object.isFrozen(report.capacity));
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

const config = fc.record(
  {
    hidden_size: fc.integer({ min: 1, max: 2 ** 24 }),
    intermediate_size: fc.integer({ min: 1, max: 2 ** 24 }),
    num_hidden_layers: fc.integer({ min: 1, max: 200 }),
    num_attention_heads: fc.integer({ min: 1, max: 256 }),
    num_key_value_heads: fc.integer({ min: 1, max: 64 }),
    head_dim: fc.integer({ min: 1, max: 2 ** 20 }),
    vocab_size: fc.integer({ min: 1, max: 2 ** 24 }),
    num_experts: fc.integer({ min: 0, max: 2 ** 16 }),
    num_experts_per_tok: fc.constantFrom(1, 8),
    kv_lora_rank: fc.constantFrom(null, 1, 512),
    qk_nope_head_dim: fc.constant(128),
    qk_rope_head_dim: fc.constant(64),
    v_head_dim: fc.constant(128),
    sliding_window: fc.constantFrom(null, 1, 512),
    max_position_embeddings: fc.constantFrom(1, 64, 131_072),
    model_type: fc.constantFrom("llama", "gemma3_text", "gpt_oss", "x"),
  },
  { requiredKeys: ["hidden_size", "intermediate_size", "num_hidden_layers"] },
);
const size = fc.integer({ min: 1, max: 1_024 });
const options = fc.record({
  gpu: fc.constantFrom(...gpuNames),
  kvCacheDtype: fc.constantFrom(...kvCacheDtypes),
  tensorParallelSize: size,
  dataParallelSize: size,
  enableExpertParallel: fc.boolean(),
  blockSize: size,
  inputLength: size,
  outputLength: size,
});

test("fitReport() gives finite figures for whatever shape a config has", () => {
  fc.assert(
    fc.property(config, options, (object, given) => {
      let shape;
      try {
        shape = parseModelShape("config.json", object);
      } catch (error) {
        assert(isPenstockError(error));
        return;
      }
      const report = fitReport(shape, given);
      const text = JSON.stringify(report, (_, value: unknown) =>
        typeof value === "number" && !(Number.isFinite(value) && value >= 0) ? "bad" : value,
      );
      assert(!text.includes('"bad"'), text);
      assert(report.fits === (report.problems.length === 0));
      assert(report.parameters.active <= report.parameters.total);
    }),
    { numRuns: 1_000 },
  );
});
