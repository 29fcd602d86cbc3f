import { PenstockError } from "../../errors/mod.ts";
import type { ModelRunner } from "../step-batch.ts";
import type { LoadModel } from "../worker/run-core-worker.ts";
import { fakeEosTokenId, makeFakeModelRunner } from "./fake-model-runner.ts";

/** Prompts that begin with one of these tokens make the fake engine fail; its answers hold them harmlessly. */
export const badPrompts = { throws: 91, exits: 92, computesNaN: 93, hangs: 94 } as const;

/** Model directories with a meaning; any other name loads the fake model. */
export const badDirectories = { missing: "missing", throws: "throws", exits: "exits" } as const;

/** Loads the fake model, or fails as the directory's name says. */
export const loadFakeModel: LoadModel = (options, onProgress) => {
  onProgress({ stage: "read config", done: 1 });
  const { modelDirectory: directory, blockSize } = options;
  if (directory === badDirectories.exits) process.exit(3);
  if (directory === badDirectories.throws) throw new TypeError("bad weights");
  if (directory === badDirectories.missing)
    throw new PenstockError("MODEL_FILE_MISSING", { directory, file: "x", purpose: "y" });
  const runner = makeFakeModelRunner({ blockSize, blockCount: 64, name: directory });
  onProgress({ stage: "ready", done: 1 });
  const hang = (): void => {
    onProgress({ stage: "start threads", done: 0 }); // Tells the test that the step has begun.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  return Promise.resolve({
    runner: { ...runner, forward: failingForward(runner, hang) },
    eosTokenIds: [fakeEosTokenId],
    generationDefaults: { temperature: 0 },
  });
};

function failingForward(runner: ModelRunner, hang: () => void): ModelRunner["forward"] {
  return (batch) => {
    const starts = batch.sequences.filter((each) => each.contextLength === each.tokenCount);
    const firstTokens = starts.map((each) => batch.tokenIds[each.tokenOffset]!);
    if (firstTokens.includes(badPrompts.throws)) throw new Error("a compute thread is gone");
    if (firstTokens.includes(badPrompts.exits)) process.exit(4);
    if (firstTokens.includes(badPrompts.hangs)) hang();
    const logits = runner.forward(batch);
    if (firstTokens.includes(badPrompts.computesNaN)) logits[5] = NaN;
    return logits;
  };
}
