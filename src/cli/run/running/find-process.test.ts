import assert from "node:assert/strict";
import { test } from "node:test";
import { findProcess } from "./find-process.ts";

const ids = [
  "router-0",
  "router-0-epp",
  "rank-3",
  "decode-0-rank-0",
  "decode-0-rank-10",
  "prefill-0-rank-0",
];

test("findProcess() takes an id, the end of one, the number of a rank, or the only one of a kind", () => {
  assert.equal(findProcess("rank-3", ids), "rank-3");
  assert.equal(findProcess("3", ids), "rank-3");
  assert.equal(findProcess("10", ids), "decode-0-rank-10");
  assert.equal(findProcess("rank-10", ids), "decode-0-rank-10");
  assert.equal(findProcess("epp", ids), "router-0-epp");
  assert.equal(findProcess("router", ids), "router-0");
});

test("findProcess() lists what there is, and what a number may mean", () => {
  assert.throws(() => findProcess("rank-9", ids), {
    code: "PROCESS_UNKNOWN",
    message: /"rank-9".*router-0, router-0-epp, rank-3/,
  });
  assert.throws(() => findProcess("", []), { code: "PROCESS_UNKNOWN", message: /none yet/ });
  assert.throws(() => findProcess("0", ids), {
    code: "PROCESS_NAME_AMBIGUOUS",
    message: /decode-0-rank-0, prefill-0-rank-0, it/,
  });
});
