import assert from "node:assert/strict";
import { test } from "node:test";
import { routes } from "./routes.ts";
import { saying } from "./test-support/fake-engine.ts";
import { startTestServer } from "./test-support/start-test-server.ts";

test("routes have one path each and refuse the other methods", async (context) => {
  assert.equal(new Set(routes.map(({ path }) => path)).size, routes.length);
  const { server } = await startTestServer(context, { script: saying("ok") });
  for (const { path, methods } of routes) {
    const deleted = await fetch(server.url + path, { method: "DELETE" });
    await deleted.body?.cancel();
    assert.deepEqual([deleted.status, deleted.headers.get("allow")], [405, methods.join(", ")]);
  }
});

test("routes that take a body refuse one that is no JSON", async (context) => {
  const { post } = await startTestServer(context, { script: saying("ok") });
  for (const { path, methods } of routes) {
    if (methods.includes("GET")) continue;
    const response = await post(path, "{");
    assert.match(await response.text(), /"type":"Bad Request".*"code":400/, path);
  }
});
