import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeEngine, saying } from "../test-support/fake-engine.ts";
import { until } from "../test-support/raw-client.ts";
import { eventsOf, startTestServer } from "../test-support/start-test-server.ts";

const messages = [{ role: "user", content: "hi" }];

test("respond() tells an error as the last event of a stream that has begun", async (context) => {
  const engine = new FakeEngine({ script: saying("long answer"), isManual: true });
  const { post, server } = await startTestServer(context, engine);
  const response = await post("/v1/chat/completions", { messages, stream: true });
  engine.step();
  engine.die(new Error("out of memory"));
  const events = await eventsOf(response);
  assert.equal(response.status, 200);
  assert.deepEqual(events.at(-1), {
    error: { message: "out of memory", type: "InternalServerError", param: null, code: 500 },
  });
  assert.deepEqual(await (await fetch(`${server.url}/load`)).json(), { server_load: 0 });
});

test("respond() answers 500 when the engine fails before the answer is whole", async (context) => {
  const engine = new FakeEngine({ script: saying("long answer"), isManual: true });
  const { post } = await startTestServer(context, engine);
  const answer = post("/v1/completions", { prompt: "a" });
  await until(() => engine.liveCount === 1);
  engine.step();
  engine.die(new Error("out of memory"));
  assert.equal((await answer).status, 500);
  assert.partialDeepStrictEqual(await (await answer).json(), {
    error: { message: "out of memory" },
  });
});
