import assert from "node:assert/strict";
import { test } from "node:test";
import { all2allBackendFor, all2allBackendNames } from "./all2all-backend.ts";
import { parseVllmVersion } from "./version.ts";

const oldest = parseVllmVersion("0.20.0")!;
const newest = parseVllmVersion("0.33.0")!;

test("all2allBackendFor() keeps the names that every release has", () => {
  for (const name of ["allgather_reducescatter", "deepep_high_throughput", "deepep_low_latency"])
    for (const version of [oldest, newest])
      assert.deepEqual(all2allBackendFor(name, version), { backend: name });
});

test("all2allBackendFor() replaces removed names and tells", () => {
  for (const [name, backend] of [
    ["naive", "allgather_reducescatter"],
    ["pplx", "allgather_reducescatter"],
    ["flashinfer_all2allv", "flashinfer_nvlink_two_sided"],
  ] as const) {
    const chosen = all2allBackendFor(name, newest);
    assert.equal(chosen.backend, backend);
    assert.match(chosen.notice!, new RegExp(`"${backend}".*"${name}"`));
  }
});

test("all2allBackendFor() calls mori what the release calls it", () => {
  assert.deepEqual(all2allBackendFor("mori", oldest), { backend: "mori" });
  assert.equal(all2allBackendFor("mori", newest).backend, "mori_high_throughput");
  assert.equal(all2allBackendFor("mori_low_latency", oldest).backend, "mori");
  assert.deepEqual(all2allBackendFor("mori_low_latency", newest), { backend: "mori_low_latency" });
});

test("all2allBackendFor() refuses a name that the release does not have yet", () => {
  assert.deepEqual(all2allBackendFor("deepep_v2", newest), { backend: "deepep_v2" });
  assert.match(all2allBackendFor("deepep_v2", oldest).mistake!, /from 0\.24\.0 on/);
  assert.match(all2allBackendFor("moonep", oldest).mistake!, /from 0\.31\.0 on/);
});

test("all2allBackendFor() refuses unknown names with the nearest one", () => {
  assert.match(
    all2allBackendFor("deepep_low_latenc", newest).mistake!,
    /did you mean "deepep_low_latency"/,
  );
  for (const name of ["constructor", "mori_x", ""])
    assert.match(all2allBackendFor(name, newest).mistake!, /Expected an all2all backend/);
});

test("all2allBackendNames holds the seven names of the configuration", () => {
  for (const name of [
    "allgather_reducescatter",
    "deepep_high_throughput",
    "deepep_low_latency",
    "flashinfer_all2allv",
    "mori",
    "naive",
    "pplx",
  ])
    assert.ok(all2allBackendNames.includes(name), name);
});
