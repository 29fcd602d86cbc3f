import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseShape } from "../shapes/choose-shape.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";
import { networkOptions, routerPort } from "./network-options.ts";
import { makeContext } from "./plan-context.ts";

async function contextOf(...words: readonly string[]) {
  const config = await configOf(...words);
  const shape = chooseShape(config, false);
  return makeContext(config, testInventory, { engine: "vllm", shape });
}

test("networkOptions() counts ranks up from the router's port, or from the one that is named", async () => {
  const counted = networkOptions(await contextOf("--server.port=9000"));
  assert.deepEqual(counted.http.both, { port: 9100, flag: "--server.port" });
  const named = networkOptions(await contextOf("--deployment.backend-port=7000"));
  assert.deepEqual(named.http.both, {
    port: 7000,
    flag: "--deployment.backend-port",
    isFixed: true,
  });
});

test("networkOptions() has sidecars with llm-d only, before decode ranks", async () => {
  assert.equal(networkOptions(await contextOf()).sidecar.decode, null);
  const { sidecar } = networkOptions(await contextOf("--router.type=llm-d"));
  assert.deepEqual([sidecar.both, sidecar.prefill, sidecar.decode?.port], [null, null, 8200]);
});

test("networkOptions() has KV events where the router goes by them", async () => {
  const words = ["--router.type=vllm-router", "--router.policy"];
  assert.equal(networkOptions(await contextOf(...words, "kv_aware")).events?.port, 5557);
  assert.equal(networkOptions(await contextOf(...words, "random")).events, null);
});

test("routerPort() is server.port", async () => {
  assert.deepEqual(routerPort(await contextOf()), { port: 8000, flag: "--server.port" });
});
