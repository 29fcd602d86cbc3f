import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeySource } from "./api-key-source.ts";

test("apiKeySource() takes the file before the environment, and an empty variable for none", () => {
  const env = { PENSTOCK_API_KEY: "secret" };
  assert.deepEqual(apiKeySource("keys", env), { file: "keys" });
  const from = 'the environment variable "PENSTOCK_API_KEY"';
  assert.deepEqual(apiKeySource(undefined, env), { key: "secret", from });
  assert.equal(apiKeySource(undefined, { PENSTOCK_API_KEY: "" }), undefined);
  assert.equal(apiKeySource(undefined, undefined), undefined);
});
