import type { TestContext } from "node:test";
import type { Engine, EngineOptions, EngineOutput } from "../types.ts";
import { connectEngine } from "../worker/mod.ts";
import { samplingParams } from "./sampling-params.ts";

const workerUrl = new URL("./fake-core-worker.ts", import.meta.url);

const fakeOptions: EngineOptions = {
  modelDirectory: "fake",
  dtype: "auto",
  maxNumSeqs: 4,
  maxNumBatchedTokens: 16,
  queueDepthMax: 4,
  blockSize: 4,
  seed: 1,
};

/** An engine on its own thread with the fake model in it: 64 blocks of 4 tokens, 4 requests run and 4 wait. */
export function connectFakeEngine(wanted: Partial<EngineOptions> = {}): Promise<Engine> {
  return connectEngine({ ...fakeOptions, ...wanted }, workerUrl);
}

/** The same, closed at the end of the test. */
export async function startFakeEngine(
  context: TestContext,
  wanted: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = await connectFakeEngine(wanted);
  context.after(() => engine.close());
  return engine;
}

/** Submits a prompt, greedy, and gathers its outputs until the last one. */
export function run(
  engine: Engine,
  request: { readonly id: string; readonly prompt: readonly number[]; readonly maxTokens?: number },
): Promise<EngineOutput[]> {
  const { id, prompt, maxTokens = 16 } = request;
  const { promise, resolve } = Promise.withResolvers<EngineOutput[]>();
  const outputs: EngineOutput[] = [];
  const params = samplingParams({ maxTokens });
  engine.submit({ requestId: id, promptTokenIds: prompt, samplingParams: params }, (output) => {
    outputs.push(output);
    if (output.finishReason !== null) resolve(outputs);
  });
  return promise;
}
