import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelRunner } from "../step-batch.ts";
import { buildBatch } from "./test-support/batch-builder.ts";
import { loadModelRunner } from "./load-model-runner.ts";
import { readTruthCase, truthCaseNames, type TruthCase } from "../test-support/truth-case.ts";

const blockSize = 16;
const maxModelLen = 112;
const blocks = maxModelLen / blockSize;
/** Block tables of three sequences, none in order, so that an index mixed up with a position shows. */
const tables = [0, 1, 2].map((sequence) =>
  Int32Array.from({ length: blocks }, (_, i) => (blocks - 1 - i) * 3 + sequence),
);

async function withRunner(
  truth: TruthCase,
  threadCount: number,
  work: (runner: ModelRunner) => void,
): Promise<void> {
  const runner = await loadModelRunner({
    modelDirectory: truth.directory,
    dtype: "auto",
    maxModelLen,
    maxNumSeqs: 128,
    maxNumBatchedTokens: 128,
    blockSize,
    threadCount,
  });
  try {
    work(runner);
  } finally {
    await runner.close();
  }
}

/** Logits of the whole prompt, fed in pieces of so many tokens. */
function prefill(runner: ModelRunner, truth: TruthCase, chunk: number): Float32Array {
  const { promptTokenIds } = truth;
  const promptLength = promptTokenIds.length;
  const logits = new Float32Array(promptLength * runner.vocabSize);
  for (let start = 0; start < promptLength; start += chunk) {
    const tokenIds = promptTokenIds.subarray(start, start + chunk);
    const piece = { tokenIds, firstPosition: start, blockTable: tables[0]!, promptLength };
    logits.set(runner.forward(buildBatch([piece])), start * runner.vocabSize);
  }
  return logits;
}

function greedy(runner: ModelRunner, truth: TruthCase, lastLogits: Float32Array): number[] {
  const promptLength = truth.promptTokenIds.length;
  const tokens = [argmax(lastLogits)];
  while (tokens.length < truth.greedyTokenIds.length) {
    const firstPosition = promptLength + tokens.length - 1;
    const tokenIds = tokens.slice(-1);
    const piece = { tokenIds, firstPosition, blockTable: tables[0]!, promptLength };
    tokens.push(argmax(runner.forward(buildBatch([piece]))));
  }
  return tokens;
}

function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, id) => (logit > logits[best]! ? id : best), 0);
}

for (const name of truthCaseNames) {
  test(`loadModelRunner() computes what transformers does: ${name}`, async () => {
    const truth = await readTruthCase(name);
    await withRunner(truth, 1, (runner) => {
      const logits = prefill(runner, truth, truth.promptTokenIds.length);
      assert.equal(logits.length, truth.logits.length);
      const worst = logits.reduce(
        (most, logit, i) => Math.max(most, Math.abs(logit - truth.logits[i]!)),
        0,
      );
      assert(worst < 1e-3, `logits differ by ${worst}`);
      const tokens = greedy(runner, truth, logits.slice(-runner.vocabSize));
      assert.deepEqual(tokens, [...truth.greedyTokenIds]);
    });
  });

  test(`forward() gives a row the same bits in chunks, in a batch and on threads: ${name}`, async () => {
    const truth = await readTruthCase(name);
    const { promptTokenIds } = truth;
    const promptLength = promptTokenIds.length;
    let wanted = new Float32Array();
    await withRunner(truth, 1, (runner) => {
      wanted = prefill(runner, truth, promptLength).slice();
      assert.deepEqual(prefill(runner, truth, 1), wanted);
      assert.deepEqual(prefill(runner, truth, 19), wanted);
    });
    await withRunner(truth, 3, (runner) => {
      const piece = { firstPosition: 0, promptLength };
      const batch = buildBatch([
        { ...piece, tokenIds: promptTokenIds.toReversed().subarray(0, 31), blockTable: tables[1]! },
        { ...piece, tokenIds: promptTokenIds, blockTable: tables[0]! },
        { ...piece, tokenIds: [5], blockTable: tables[2]! },
      ]);
      const start = 31 * runner.vocabSize;
      const logits = runner.forward(batch);
      assert.deepEqual(logits.slice(start, start + wanted.length), wanted);
      assert.deepEqual(prefill(runner, truth, 7), wanted);
    });
  });
}
