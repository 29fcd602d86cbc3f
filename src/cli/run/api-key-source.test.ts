import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeySource, apiKeyVariable } from "./api-key-source.ts";

test("apiKeySource() takes the file before the environment, and an empty variable for none", () => {
  const env = { PENSTOCK_API_KEY: "secret" };
  assert.deepEqual(apiKeySource("keys", env), { file: "keys" });
  const from = 'the environment variable "PENSTOCK_API_KEY"';
  assert.deepEqual(apiKeySource(undefined, env), { key: "secret", from });
  assert.equal(apiKeySource(undefined, { PENSTOCK_API_KEY: "" }), undefined);
  assert.equal(apiKeySource(undefined, undefined), undefined);
});

test("apiKeySource() takes the key of vLLM where there is none of ours", () => {
  const env = { PENSTOCK_API_KEY: "", VLLM_API_KEY: "theirs" };
  const from = 'the environment variable "VLLM_API_KEY"';
  assert.deepEqual(apiKeySource(undefined, env), { key: "theirs", from });
  assert.equal(apiKeyVariable({ ...env, PENSTOCK_API_KEY: "ours" }), "PENSTOCK_API_KEY");
  assert.equal(apiKeyVariable({}), undefined);
});
