import assert from "node:assert/strict";
import { test } from "node:test";
import { eppConfig, type EppConfigOptions } from "./epp-config.ts";

const options: EppConfigOptions = {
  endpointsPath: "/out/endpoints.json",
  isDisaggregated: true,
  scorers: { "prefix-cache-scorer": 3, "active-request-scorer": 2 },
  prefillScorerOverrides: { "queue-scorer": 2, "active-request-scorer": 1 },
  decodeScorerOverrides: { "prefix-cache-scorer": 0 },
  nonCachedTokens: 128,
};

test("eppConfig() merges the overrides over the base for each profile", () => {
  assert.deepEqual(profile("prefill"), [
    { pluginRef: "prefill-filter" },
    { pluginRef: "prefix-cache-scorer", weight: 3 },
    { pluginRef: "active-request-scorer", weight: 1 },
    { pluginRef: "queue-scorer", weight: 2 },
    { pluginRef: "max-score-picker" },
  ]);
  assert.deepEqual(profile("decode"), [
    { pluginRef: "decode-filter" },
    { pluginRef: "active-request-scorer", weight: 2 },
    { pluginRef: "max-score-picker" },
  ]);
});

test("eppConfig() tells the decider when decode may prefill by itself", () => {
  const { plugins } = eppConfig(options) as { plugins: readonly { type: string }[] };
  assert.deepEqual(
    plugins.find(({ type }) => type === "prefix-based-pd-decider"),
    { type: "prefix-based-pd-decider", parameters: { nonCachedTokens: 128 } },
  );
});

test("eppConfig() reads token-in requests and all others", () => {
  const { requestHandler } = eppConfig(options) as {
    requestHandler: { parsers: readonly { pluginRef: string }[] };
  };
  const names = requestHandler.parsers.map(({ pluginRef }) => pluginRef);
  assert.ok(names.indexOf("vllmhttp-parser") > names.indexOf("openai-parser"));
  assert.equal(names.at(-1), "passthrough-parser");
});

function profile(name: string): unknown {
  const { schedulingProfiles } = eppConfig(options) as {
    schedulingProfiles: readonly { name: string; plugins: unknown }[];
  };
  return schedulingProfiles.find((candidate) => candidate.name === name)?.plugins;
}
