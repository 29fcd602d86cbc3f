import assert from "node:assert/strict";
import { test } from "node:test";
import { extraWords } from "./extra-flags.ts";
import type { JsonTable } from "./flag-words.ts";

const own = {
  "--model": "m",
  "--seed": 0,
  "--enable-prefix-caching": false,
  "--kv-transfer-config": { kv_connector: "NixlConnector" },
  "--dtype": null,
} as const;
const mistakeOf = (extra: JsonTable): string | undefined =>
  extraWords(extra, own).mistakes[0]?.message;

test("extraWords() writes flags in either spelling", () => {
  assert.deepEqual(extraWords({ max_logprobs: 5, "stream-interval": 2, log_stats: true }, own), {
    value: ["--max-logprobs", "5", "--stream-interval", "2", "--log-stats"],
    notices: [],
    mistakes: [],
  });
});

test("extraWords() tells what comes of an engine without an endpoint", () => {
  const { value, notices } = extraWords({ headless: true }, own);
  assert.deepEqual(value, ["--headless"]);
  assert.match(notices.join(), /"headless" of vllm_extra takes the HTTP endpoint away/);
  assert.deepEqual(extraWords({ headless: false }, own).notices, []);
});

test("extraWords() keeps the spelling of keys inside a JSON flag", () => {
  assert.deepEqual(extraWords({ "hf_overrides.rope_theta": 1 }, own).value, [
    "--hf-overrides.rope_theta",
    "1",
  ]);
});

test("extraWords() shows both sides of a conflict", () => {
  assert.equal(
    mistakeOf({ seed: 4 }),
    'Expected no second word on it: the command has "--seed 0" and vllm_extra says "--seed 4"',
  );
});

test("extraWords() sees a conflict behind an opposite, an alias, or a key inside", () => {
  for (const extra of [
    { enable_prefix_caching: true },
    { "disable-prefix-caching": true },
    { model: "other" },
    { model_tag: "other" },
    { kv_offloading_size: 4 },
    { "kv_transfer_config.kv_role": "kv_both" },
  ] as const)
    assert.match(mistakeOf(extra)!, /the command has/, JSON.stringify(extra));
});

test("extraWords() leaves out what is said anyway, and tells", () => {
  const { value, notices, mistakes } = extraWords(
    { seed: 0, "no-enable-prefix-caching": true },
    own,
  );
  assert.deepEqual([value, mistakes], [[], []]);
  assert.equal(notices.length, 2);
});

test("extraWords() leaves a flag alone that the command does not write", () => {
  assert.deepEqual(extraWords({ dtype: "half", seed: null }, own).value, ["--dtype", "half"]);
});

test("extraWords() refuses what only the plan can decide", () => {
  for (const name of ["data_parallel_size", "data-parallel-external-lb", "nnodes", "uds"])
    assert.match(mistakeOf({ [name]: 2 })!, /the plan decides/, name);
  assert.equal(mistakeOf({ data_parallel_backend: "ray" }), undefined);
});

test("extraWords() refuses one flag in two spellings, and names that are none", () => {
  assert.match(
    mistakeOf({ max_logprobs: 1, "max-logprobs": 1 })!,
    /"max_logprobs" is the same flag/,
  );
  for (const name of ["", "--seed", "a b", "x=y", "Ä", "seed;rm"])
    assert.match(mistakeOf({ [name]: 1 })!, /name of a flag/, name);
});
