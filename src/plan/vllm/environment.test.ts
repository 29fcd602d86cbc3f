import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentMistakes, environmentOf, protectedEnvVars } from "./environment.ts";
import type { VllmServeOptions } from "./options.ts";
import { parseVllmVersion } from "./version.ts";

const options: VllmServeOptions = { version: null, model: "m", isMoe: false, port: 1 };
const nixl = {
  config: { kv_connector: "NixlConnector", kv_role: "kv_both" },
  sideChannel: { host: "{node:1}", port: 5600 },
  leaseSeconds: 30,
} as const;
const env = (more: Partial<VllmServeOptions>, version = "0.33.0", offset = 0) =>
  environmentOf({ ...options, ...more }, parseVllmVersion(version)!, offset);

test("environmentOf() is empty for a bare server", () => {
  assert.deepEqual(env({}), {});
});

test("environmentOf() keeps a key of the environment from a server behind a router that checks it", () => {
  assert.deepEqual(env({ isBehindGuard: true }), { VLLM_API_KEY: "" });
  assert.deepEqual(env({ isBehindGuard: false }), {});
  const envVars = { VLLM_API_KEY: "theirs" };
  assert.deepEqual(env({ isBehindGuard: true, envVars }), envVars);
});

test("environmentOf() says where NIXL meets, moved for an independent server", () => {
  assert.deepEqual(env({ kvTransfer: nixl }, "0.33.0", 2), {
    VLLM_NIXL_SIDE_CHANNEL_HOST: "{node:1}",
    VLLM_NIXL_SIDE_CHANNEL_PORT: "5602",
  });
});

test("environmentOf() writes the abort timeout only for releases that read it", () => {
  assert.equal(env({ kvTransfer: nixl }, "0.21.0")["VLLM_NIXL_ABORT_REQUEST_TIMEOUT"], "30");
  assert.equal("VLLM_NIXL_ABORT_REQUEST_TIMEOUT" in env({ kvTransfer: nixl }, "0.22.0"), false);
});

test("environmentOf() writes what Mooncake and LMCache read", () => {
  const mooncake = {
    config: { kv_connector: "MooncakeConnector", kv_role: "kv_producer" },
  } as const;
  assert.deepEqual(
    env({ kvTransfer: { ...mooncake, mooncakeBootstrapPort: 8998, leaseSeconds: 9 } }),
    { VLLM_MOONCAKE_ABORT_REQUEST_TIMEOUT: "9", VLLM_MOONCAKE_BOOTSTRAP_PORT: "8998" },
  );
  const lmcache = { config: { kv_connector: "LMCacheConnectorV1", kv_role: "kv_both" } } as const;
  assert.deepEqual(env({ kvTransfer: lmcache }), { PYTHONHASHSEED: "0" });
});

test("environmentOf() lets the user's variables stand above ours, in order of names", () => {
  const lmcache = { config: { kv_connector: "LMCacheConnectorV1", kv_role: "kv_both" } } as const;
  const variables = env({
    kvTransfer: lmcache,
    serverDevMode: true,
    envVars: { PYTHONHASHSEED: "7", A: "1" },
  });
  assert.deepEqual(Object.entries(variables), [
    ["A", "1"],
    ["PYTHONHASHSEED", "7"],
    ["VLLM_SERVER_DEV_MODE", "1"],
  ]);
});

test("environmentMistakes() refuses every protected variable with its reason", () => {
  for (const [name, reason] of Object.entries(protectedEnvVars)) {
    const [mistake] = environmentMistakes({ ...options, envVars: { [name]: "1" } });
    assert.equal(mistake!.option, `envVars.${name}`);
    assert.ok(mistake!.message.endsWith(reason), name);
  }
});

test("environmentMistakes() refuses what no system or NIXL takes", () => {
  const wrong = {
    "A B": "1",
    "": "1",
    A: "x\0y",
    PYTORCH_CUDA_ALLOC_CONF: "expandable_segments:True",
  };
  assert.equal(environmentMistakes({ ...options, kvTransfer: nixl, envVars: wrong }).length, 4);
  assert.equal(environmentMistakes({ ...options, envVars: wrong }).length, 3);
  assert.deepEqual(environmentMistakes({ ...options, envVars: { UCX_TLS: "tcp" } }), []);
});
