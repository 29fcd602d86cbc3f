import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeRouter } from "../../test-support/fake-router.ts";
import { askRouter } from "./ask-router.ts";

test("askRouter() gives the object that the router answers, and nothing else", async (context) => {
  const { socketPath, answer, asked } = await startFakeRouter(context);
  answer.body = '{"workers":[]}';
  assert.deepEqual(await askRouter(socketPath, { route: "list_workers" }), { workers: [] });
  const query = { url: "http://a:1", role: "prefill" };
  await askRouter(socketPath, { route: "add_worker", query });
  assert.equal(asked[1], "POST /add_worker?url=http%3A%2F%2Fa%3A1&role=prefill");
  for (const body of ["", "[]", "no"]) {
    answer.body = body;
    await assert.rejects(askRouter(socketPath, { route: "list_workers" }), {
      code: "ROUTER_ADMIN_REFUSED",
      message: /it answered 200 with no reason/,
    });
  }
});

test("askRouter() does not wait for ever", async (context) => {
  const { socketPath, answer } = await startFakeRouter(context);
  answer.status = 0;
  await assert.rejects(askRouter(socketPath, { route: "list_workers", timeoutMs: 100 }), {
    code: "ROUTER_ADMIN_SILENT",
    message: /it did not answer in time/,
  });
});

test("askRouter() reads no answer that is longer than any list of ranks", async (context) => {
  const { socketPath, answer } = await startFakeRouter(context);
  answer.body = JSON.stringify({ workers: "x".repeat(16_777_216) });
  await assert.rejects(askRouter(socketPath, { route: "list_workers" }), {
    code: "ROUTER_ADMIN_SILENT",
    message: /more than 16777216 bytes/,
  });
});
