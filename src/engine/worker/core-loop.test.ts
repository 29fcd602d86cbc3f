import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { fakeAnswer, makeFakeModelRunner } from "../test-support/fake-model-runner.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import { runCoreLoop } from "./core-loop.ts";
import { EngineCore } from "./engine-core.ts";
import type { MessageFromCore, MessageToCore } from "./messages.ts";

type Step = Extract<MessageFromCore, { kind: "step" }>;

/** A loop in this thread whose model runs `duringStep` within every step. */
function startLoop(context: TestContext, duringStep: (step: number) => void = () => {}) {
  const { port1, port2 } = new MessageChannel();
  context.after(() => port1.close());
  const runner = makeFakeModelRunner({ blockCount: 16, blockSize: 4 });
  let step = 0;
  const core = new EngineCore({
    runner: {
      ...runner,
      forward: (batch) => {
        duringStep(++step);
        return runner.forward(batch);
      },
    },
    maxNumSeqs: 2,
    maxNumBatchedTokens: 4,
    queueDepthMax: 2,
    seed: 0,
    eosTokenIds: [],
  });
  const steps: Step[] = [];
  port1.on("message", (message: Step) => steps.push(message));
  const send = (...messages: MessageToCore[]) => messages.forEach((one) => port1.postMessage(one));
  const ended = runCoreLoop(core, port2).then(() => steps.push(...restOf(port1)));
  return { steps, send, ended };
}

/** What the port holds and the event loop has not brought yet. */
function restOf(port: MessagePort): Step[] {
  const received: { message: Step } | undefined = receiveMessageOnPort(port);
  return received === undefined ? [] : [received.message, ...restOf(port)];
}

const submit = (requestId: string, maxTokens: number): MessageToCore => ({
  kind: "submit",
  request: {
    requestId,
    promptTokenIds: Int32Array.of(1, 2),
    samplingParams: samplingParams({ maxTokens }),
  },
});

test("runCoreLoop() sends the outputs of a step in one message, and ends at close", async (context) => {
  const { steps, send, ended } = startLoop(context, (step) => {
    if (step === 3) send({ kind: "close" });
  });
  send(submit("a", 9), submit("b", 9));
  await ended;
  assert.deepEqual(
    steps.map(({ outputs }) => outputs.map(({ requestId }) => requestId)),
    [
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ],
  );
  const tokenIds = steps.flatMap(({ outputs }) => outputs[0]!.tokenIds);
  assert.deepEqual(tokenIds, fakeAnswer([1, 2], 3));
  assert(steps[3]!.outputs.every(({ finishReason }) => finishReason === "abort"));
  assert.equal(steps[3]!.stats.kvCacheUsage, 0);
});

test("runCoreLoop() ends an aborted request before the next step", async (context) => {
  const { steps, send, ended } = startLoop(context, (step) => {
    if (step === 2) send({ kind: "abort", requestId: "a" });
    if (step === 4) send({ kind: "close" });
  });
  send(submit("a", 9), submit("b", 9));
  await ended;
  const of = (requestId: string) =>
    steps.map(({ outputs }) => outputs.find((output) => output.requestId === requestId));
  assert.deepEqual(
    of("a").map((output) => output?.finishReason),
    [null, null, "abort", undefined, undefined],
  );
  assert.equal(of("b").flatMap((output) => output?.tokenIds ?? []).length, 4);
});

test("runCoreLoop() takes requests up again after it was idle", async (context) => {
  const { steps, send, ended } = startLoop(context);
  send(submit("a", 2));
  await until(() => steps.at(-1)?.outputs[0]?.finishReason === "length");
  const stepCount = steps.length;
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(steps.length, stepCount, "It steps without work");
  send(submit("b", 2));
  await until(() => steps.length === stepCount + 2);
  send({ kind: "close" });
  await ended;
});

test("runCoreLoop() rejects when a step throws", async (context) => {
  const { send, ended } = startLoop(context, () => {
    throw new Error("a compute thread is gone");
  });
  send(submit("a", 2));
  await assert.rejects(ended, /thread is gone/);
});

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    assert(turns < 1_000, "It does not happen");
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
