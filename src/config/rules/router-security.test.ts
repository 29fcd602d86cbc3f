import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("routerSecurity() refuses keys that no router would check", async () => {
  for (const type of ["vllm-router", "llm-d"])
    assert.match(
      await reportOf(`--router.type ${type} --server.api_key_file keys`),
      /--server\.api_key_file +"keys"\n +Expected "None" with router\.type = ".*": only "penstock" checks API keys/,
    );
});

test("routerSecurity() takes keys of Penstock's own router", async () => {
  const { config } = await load("--server.api_key_file keys");
  assert.equal(config.server.api_key_file, "keys");
});
