import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestWord } from "./nearest-word.ts";

test("nearestWord() finds a word with letters changed, missing, added or swapped", () => {
  const keys = ["host", "port", "policy"];
  for (const word of ["prot", "pory", "por", "ports"])
    assert.equal(nearestWord(word, keys), "port");
  assert.equal(nearestWord("polizy", keys), "policy");
});

test("nearestWord() stays silent when nothing is near", () => {
  assert.equal(nearestWord("gpu_memory", ["host", "port"]), undefined);
  assert.equal(nearestWord("ab", ["xy"]), undefined);
  assert.equal(nearestWord("foo", ["log"]), undefined);
  assert.equal(nearestWord("pipeline_parallel_size", ["tensor_parallel_size"]), undefined);
});

test("nearestWord() prefers the word that was left unfinished to one with fewer changes", () => {
  const backends = ["deepep_low_latency", "deepep_v2", "deepep_high_throughput"];
  assert.equal(nearestWord("deepep_low", backends), "deepep_low_latency");
  assert.equal(nearestWord("Nixl", ["NixlConnector", "MoRIIOConnector"]), "NixlConnector");
  assert.equal(nearestWord("embed", ["embedded", "embedded.threads"]), "embedded");
  assert.equal(nearestWord("deepep", backends), undefined);
  assert.equal(nearestWord("de", ["deepep_v2"]), undefined);
});

test("nearestWord() refuses words past its limit", () => {
  assert.equal(nearestWord("p".repeat(201), ["p".repeat(201)]), undefined);
});
