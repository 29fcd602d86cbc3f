import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isPenstockError } from "../errors/mod.ts";
import { readSafetensorsHeader } from "../model-facts/mod.ts";
import { startEngine } from "./mod.ts";
import { endOf, tokensOf } from "./test-support/outputs.ts";
import { samplingParams } from "./test-support/sampling-params.ts";
import type { Engine, EngineOptions, EngineOutput, SamplingParams } from "./types.ts";

const truthDirectory = join(import.meta.dirname, "../../test/truth");

/** Ours and theirs agree within this on every logit. */
const toleranceMax = 1e-3;

/** Of the KV cache of qwen3-moe: keys and values, 2 layers, 2 heads, 16 tokens, 32 floats. */
const blockBytes = 2 * 2 * 2 * 16 * 32 * 4;

interface Truth {
  readonly promptTokenIds: readonly number[];
  readonly greedyTokenIds: readonly number[];
  /** [64, vocabSize] */
  readonly greedyLogits: Float32Array;
}

async function readTruth(name: string): Promise<Truth> {
  const file = join(truthDirectory, name, "truth.safetensors");
  const tensors = await readSafetensorsHeader(file);
  const bytes = readFileSync(file);
  const dataOf = (tensor: string): ArrayBuffer => {
    const { fileOffset, byteLength } = tensors.get(tensor)!;
    return Uint8Array.from(bytes.subarray(fileOffset, fileOffset + byteLength)).buffer;
  };
  const tokenIdsOf = (tensor: string) => Array.from(new BigInt64Array(dataOf(tensor)), Number);
  return {
    promptTokenIds: tokenIdsOf("prompt_token_ids"),
    greedyTokenIds: tokenIdsOf("greedy_token_ids"),
    greedyLogits: new Float32Array(dataOf("greedy_logits")),
  };
}

async function start(
  context: TestContext,
  name: string,
  wanted: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = await startEngine({
    modelDirectory: join(truthDirectory, name),
    dtype: "auto",
    maxNumSeqs: 8,
    maxNumBatchedTokens: 64,
    queueDepthMax: 64,
    blockSize: 16,
    threadCount: 2,
    seed: 0,
    ...wanted,
  });
  context.after(() => engine.close());
  return engine;
}

function run(
  engine: Engine,
  requestId: string,
  wanted: Partial<SamplingParams> & { readonly promptTokenIds: readonly number[] },
): Promise<EngineOutput[]> {
  const { promptTokenIds, ...params } = wanted;
  const { promise, resolve } = Promise.withResolvers<EngineOutput[]>();
  const outputs: EngineOutput[] = [];
  const request = { requestId, promptTokenIds, samplingParams: samplingParams(params) };
  engine.submit(request, (output) => {
    outputs.push(output);
    if (output.finishReason !== null) resolve(outputs);
  });
  return promise;
}

for (const name of ["llama", "qwen2", "qwen3", "qwen3-moe"])
  test(`startEngine() answers ${name} as transformers does, token and logprob`, async (context) => {
    const { promptTokenIds, greedyTokenIds, greedyLogits } = await readTruth(name);
    const engine = await start(context, name);
    const outputs = await run(engine, "a", {
      promptTokenIds,
      maxTokens: 64,
      logprobs: 3,
      ignoreEos: true,
    });
    assert.deepEqual(tokensOf(outputs), greedyTokenIds);
    assert.equal(endOf(outputs).finishReason, "length");
    const { vocabSize } = engine.model;
    for (const [row, output] of outputs.entries()) {
      const logits = greedyLogits.subarray(row * vocabSize, (row + 1) * vocabSize);
      const logSumExp = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      for (const { tokenId, logprob } of output.logprobs![0]!.top)
        assert(Math.abs(logprob - (logits[tokenId]! - logSumExp)) < 2 * toleranceMax);
    }
  });

test("startEngine() gives each of many requests its answer, in chunks, batches and after preemption", async (context) => {
  const { promptTokenIds, greedyTokenIds } = await readTruth("qwen3-moe");
  const whole = [...promptTokenIds, ...greedyTokenIds];
  // Any beginning of the known sequence has the rest of it as its greedy answer, from the prompt's end on.
  const cuts = [48, 50, 55, 60, 70, 80, 90, 100, 49, 51];
  const runAll = async (engine: Engine) => {
    const answers = await Promise.all(
      cuts.map((cut) => {
        const wanted = {
          promptTokenIds: whole.slice(0, cut),
          maxTokens: whole.length - cut,
          ignoreEos: true,
        };
        return run(engine, `${cut}`, wanted);
      }),
    );
    for (const [index, cut] of cuts.entries())
      assert.deepEqual(tokensOf(answers[index]!), whole.slice(cut), `from ${cut} on`);
    assert.equal(engine.stats().kvCacheUsage, 0);
  };
  const roomy = await start(context, "qwen3-moe", { maxNumBatchedTokens: 16 });
  await runAll(roomy);
  const crowded = await start(context, "qwen3-moe", {
    maxModelLen: 112,
    kvCacheBytes: 16 * blockBytes,
  });
  await runAll(crowded);
  assert(crowded.stats().preemptionsTotal > 0);
});

test("startEngine() rejects with the fault of a model directory, told as it was found", async (context) => {
  await assert.rejects(start(context, "no-such-model"), (error) => {
    assert(isPenstockError(error) && error.code === "MODEL_FILE_MISSING");
    assert.match(error.message, /no-such-model/);
    return true;
  });
});

test("startEngine() draws the same tokens from a seed, whatever runs beside", async (context) => {
  const { promptTokenIds } = await readTruth("qwen3");
  const engine = await start(context, "qwen3");
  const drawn = { promptTokenIds, temperature: 1.5, topP: 0.95, maxTokens: 24, ignoreEos: true };
  const alone = tokensOf(await run(engine, "alone", { ...drawn, seed: 3 }));
  const [among, other] = await Promise.all([
    run(engine, "among", { ...drawn, seed: 3 }),
    run(engine, "other", { ...drawn, seed: 4 }),
    run(engine, "shorter", { ...drawn, promptTokenIds: promptTokenIds.slice(9) }),
  ]);
  assert.deepEqual(tokensOf(among), alone);
  assert.notDeepEqual(tokensOf(other), alone);
});
