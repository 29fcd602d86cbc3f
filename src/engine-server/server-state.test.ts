import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits } from "./limits.ts";
import { loadServing } from "./load-serving.ts";
import { ServerState } from "./server-state.ts";
import { FakeEngine, saying } from "./test-support/fake-engine.ts";
import { serverOptions } from "./test-support/start-test-server.ts";

test("ServerState is healthy from the end of loading until it closes", async () => {
  const state = new ServerState();
  assert.equal(state.isHealthy, false);
  assert.throws(() => state.serving(), { status: 503, message: "The model is still loading" });
  const serving = await loadServing(serverOptions(), defaultLimits);
  state.open(serving);
  assert.equal(state.isHealthy, true);
  assert.equal(state.serving(), serving);
  state.beginClosing();
  assert.equal(state.isHealthy, false);
  assert.throws(() => state.serving(), { status: 503, message: "The server is stopping" });
});

test("ServerState is not healthy once the engine died, and still hands requests their errors", async () => {
  const engine = new FakeEngine({ script: saying("ok") });
  const startEngine = () => Promise.resolve(engine);
  const state = new ServerState();
  state.open(await loadServing(serverOptions({ startEngine }), defaultLimits));
  engine.die(new Error("crash"));
  await engine.died;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(state.isHealthy, false);
  assert.ok(state.serving());
});
