/**
 * Measures one model in a process of its own, so that its peak memory is its own too; prints one JSON line.
 *
 *   node benchmarks/engine/measure-model.ts NAME DIRECTORY [THREADS]
 */
import { loadModelRunner } from "../../src/engine/model/load-model-runner.ts";
import type { ModelRunner, StepBatch } from "../../src/engine/step-batch.ts";

export interface Measurement {
  readonly model: string;
  readonly parameterCount: number;
  readonly dtype: string;
  readonly threadCount: number;
  readonly loadSeconds: number;
  readonly prefillTokensPerSecond: number;
  readonly decode1TokensPerSecond: number;
  /** Sum over the streams. */
  readonly decode8TokensPerSecond: number;
  readonly peakRssMib: number;
}

const promptTokens = 128;
const decodeSteps = 24;
const streamCount = 8;
/** The best of them counts: other programs can only make a run slower. */
const repetitions = 4;
const blockSize = 16;
const maxModelLen = 512;

const [name = "", modelDirectory = "", threads] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure())}\n`);

async function measure(): Promise<Measurement> {
  const startedMs = performance.now();
  const runner = await loadModelRunner({
    modelDirectory,
    dtype: "auto",
    maxModelLen,
    maxNumSeqs: streamCount,
    maxNumBatchedTokens: promptTokens,
    blockSize,
    ...(threads !== undefined && { threadCount: Number(threads) }),
  });
  const loadSeconds = (performance.now() - startedMs) / 1_000;
  runner.forward(prefillBatch(runner)); // The first run waits for the optimising compiler.
  const prefill = bestSeconds(() => runner.forward(prefillBatch(runner)));
  const decode1 = bestSeconds(() => decode(runner, 1));
  const decode8 = bestSeconds(() => decode(runner, streamCount));
  await runner.close();
  const { parameterCount, dtype, threadCount } = runner;
  return {
    model: name,
    parameterCount,
    dtype,
    threadCount,
    loadSeconds,
    prefillTokensPerSecond: promptTokens / prefill,
    decode1TokensPerSecond: decodeSteps / decode1,
    decode8TokensPerSecond: (decodeSteps * streamCount) / decode8,
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  };
}

function bestSeconds(action: () => unknown): number {
  let bestMs = Infinity;
  for (let i = 0; i < repetitions; i++) {
    const startedMs = performance.now();
    action();
    bestMs = Math.min(bestMs, performance.now() - startedMs);
  }
  return bestMs / 1_000;
}

/** One prompt; logits of its last token only, as when serving. */
function prefillBatch({ vocabSize }: ModelRunner): StepBatch {
  const sequence = {
    tokenOffset: 0,
    tokenCount: promptTokens,
    contextLength: promptTokens,
    promptLength: promptTokens,
  };
  return {
    tokenIds: Int32Array.from({ length: promptTokens }, (_, i) => (i * 7919) % vocabSize),
    positions: Int32Array.from({ length: promptTokens }, (_, i) => i),
    sequences: [{ ...sequence, blockTable: blockTable(0) }],
    logitTokenIndexes: Int32Array.of(promptTokens - 1),
  };
}

/** Steps of as many streams behind prompts of promptTokens; what is in the cache does not change the time. */
function decode(runner: ModelRunner, streams: number): void {
  for (let step = 0; step < decodeSteps; step++) {
    const position = promptTokens + step;
    const indexes = Int32Array.from({ length: streams }, (_, i) => i);
    runner.forward({
      tokenIds: indexes.map((i) => (step * 31 + i) % runner.vocabSize),
      positions: new Int32Array(streams).fill(position),
      sequences: Array.from(indexes, (tokenOffset) => ({
        tokenOffset,
        tokenCount: 1,
        contextLength: position + 1,
        promptLength: promptTokens,
        blockTable: blockTable(tokenOffset),
      })),
      logitTokenIndexes: indexes,
    });
  }
}

function blockTable(stream: number): Int32Array {
  const blocks = maxModelLen / blockSize;
  return Int32Array.from({ length: blocks }, (_, i) => stream * blocks + i);
}
