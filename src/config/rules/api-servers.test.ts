import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("apiServers() allows adapters one HTTP process only", async () => {
  assert.equal((await load("--enable-lora --api-server-count 4")).config.api_server_count, 1);
  assert.match(
    await noticesOf("--enable-lora --api-server-count 4"),
    /--api-server-count: set to 1/,
  );
  assert.equal((await load("--api-server-count 4")).config.api_server_count, 4);
  assert.equal((await load("--enable-lora")).config.api_server_count, null);
});

test("apiServers() knows that a headless server has none", async () => {
  assert.match(await reportOf("--vllm-extra.headless --api-server-count 1"), /Expected none/);
});
