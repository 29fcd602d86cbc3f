import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeEngine, saying } from "../test-support/fake-engine.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

test("/liveness asks the engine, and says when it is hung or dead", async (context) => {
  const engine = new FakeEngine({ script: saying("ok") });
  const { server } = await startTestServer(context, engine);
  const ask = async () => {
    const response = await fetch(`${server.url}/liveness`);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ask(), [200, { status: "ok" }]);
  engine.isHung = true;
  assert.deepEqual(await ask(), [503, { status: "engine_unresponsive" }]);
  engine.isHung = false;
  engine.die(new Error("planned"));
  assert.deepEqual(await ask(), [503, { status: "engine_unresponsive" }]);
});
