import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";

test("answerToAdminRoute() keeps admin routes from ranks, however they are written", async () => {
  await using rank = await startRank((request, response) => response.end(`got ${request.url}`));
  await using router = await startTestRouter([rank]);
  const ask = async (target: string, method = "POST") => {
    using client = new RawClient(router.url);
    client.send(`${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return await client.ended();
  };
  for (const target of [
    "/pause",
    "/update_weights?x=1",
    "/collective_rpc/",
    "/%73leep",
    "/v1/load_lora_adapter",
    "/reset_prefix_cache",
  ]) {
    const answer = await ask(target);
    assert.match(answer, /^HTTP\/1\.1 404 [^]*admin routes are not on this port, ask each rank/);
  }
  assert.match(await ask("/add_worker?url=http://x"), /404 [^]*ask at the router's admin socket/);
  assert.match(await ask("/list_workers", "GET"), /^HTTP\/1\.1 404 /);
  for (const target of ["/", "/pauses", "/v1/pause", "/invocations", "/v1/models?x=/pause"]) {
    assert.ok((await ask(target)).endsWith(`got ${target}`), target);
  }
  assert.equal(await router.metric('penstock_router_requests_total{status="4xx"}'), 8);
});
