import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../config/mod.ts";
import { clientAccess } from "./client-access.ts";

async function accessOf(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return clientAccess((await loadConfig(words)).config, "/project", env);
}

test("clientAccess() tells where a key is, as the router looks for it", async () => {
  const env = { PENSTOCK_API_KEY: "secret" };
  assert.deepEqual((await accessOf([])).key, null);
  assert.deepEqual((await accessOf([], env)).key, { variable: "PENSTOCK_API_KEY" });
  assert.deepEqual((await accessOf([], { VLLM_API_KEY: "x" })).key, { variable: "VLLM_API_KEY" });
  const file = ["--server.api-key-file", "keys"];
  assert.deepEqual((await accessOf(file, env)).key, { file: "/project/keys" });
});

test("clientAccess() names the certificate, and nothing of other routers", async () => {
  const words = ["--server.ssl-certfile", "c.pem"];
  assert.equal((await accessOf(words)).certificateFile, "/project/c.pem");
  assert.deepEqual(await accessOf(["--router.type", "llm-d"], { VLLM_API_KEY: "x" }), {
    key: null,
    certificateFile: null,
  });
});
