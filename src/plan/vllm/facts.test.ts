import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseVllmVersion,
  kvEventShape,
  vllmFacts,
  vllmHas,
  vllmReleasesOf,
  vllmSupport,
  type VllmFact,
} from "./facts.ts";
import { compareVllmVersions, parseVllmVersion, vllmVersionText } from "./version.ts";

const at = (text: string) => parseVllmVersion(text)!;

test("vllmHas() begins with the first release and ends before the first one without", () => {
  assert.equal(vllmHas(at("0.29.0"), "scaleOutFlag"), false);
  assert.equal(vllmHas(at("0.30.0"), "scaleOutFlag"), true);
  assert.equal(vllmHas(at("0.23.0"), "p2pNccl"), true);
  assert.equal(vllmHas(at("0.24.0"), "p2pNccl"), false);
});

test("vllmFacts names releases inside the supported range, each fact with a bound", () => {
  for (const [name, fact] of Object.entries(vllmFacts as Readonly<Record<string, VllmFact>>)) {
    const bounds = [fact.since, fact.before].filter((bound) => bound !== undefined);
    assert.ok(bounds.length > 0, name);
    for (const bound of bounds) {
      assert.ok(compareVllmVersions(at(bound), at(vllmSupport.oldest)) > 0, name);
      assert.ok(compareVllmVersions(at(bound), at(vllmSupport.newest)) <= 0, name);
    }
  }
});

test("vllmReleasesOf() says it for people", () => {
  assert.equal(vllmReleasesOf("scaleOutFlag"), "vLLM from 0.30.0 on");
  assert.equal(vllmReleasesOf("p2pNccl"), "vLLM before 0.24.0");
});

test("chooseVllmVersion() takes a known release as it is", () => {
  const { version, notice, mistake } = chooseVllmVersion("0.26.0");
  assert.equal(vllmVersionText(version), "0.26.0");
  assert.equal(notice ?? mistake, undefined);
});

test("chooseVllmVersion() takes the default where none is named, and says so", () => {
  const chosen = chooseVllmVersion(null);
  assert.equal(vllmVersionText(chosen.version), vllmSupport.default);
  assert.match(chosen.notice!, /no vLLM was found or named/);
});

test("chooseVllmVersion() takes the newest known release for a newer one, and says so", () => {
  const chosen = chooseVllmVersion("1.4.0");
  assert.equal(vllmVersionText(chosen.version), vllmSupport.newest);
  assert.match(chosen.notice!, /vLLM 1\.4\.0 is newer/);
  assert.equal(chosen.mistake, undefined);
});

test("chooseVllmVersion() refuses older releases and what is no version", () => {
  assert.match(chooseVllmVersion("0.19.1").mistake!, /Expected vLLM 0\.20\.0 to/);
  assert.match(chooseVllmVersion("latest").mistake!, /Expected a version of vLLM/);
});

test("kvEventShape() changes with 0.24", () => {
  assert.equal(kvEventShape(at("0.23.0")), "arrays");
  assert.equal(kvEventShape(at("0.24.0")), "maps");
});
