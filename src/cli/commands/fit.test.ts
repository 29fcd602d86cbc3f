import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import { gpuNames, kvCacheDtypes } from "../../plan/mod.ts";
import { gpuValues, kvCacheDtypeValues, parsePositive, parseShare } from "./fit.ts";

test("fitCommand offers the GPUs and data types that the planner knows", () => {
  assert.deepEqual(gpuValues, gpuNames);
  assert.deepEqual(kvCacheDtypeValues, kvCacheDtypes);
});

test("parsePositive() and parseShare() take numbers in their range", () => {
  assert.equal(parsePositive("1"), 1);
  for (const word of ["0", "-1", "1.5", "x", ""]) assert.throws(() => parsePositive(word));
  assert.equal(parseShare("0.92"), 0.92);
  assert.equal(parseShare(".5"), 0.5);
  assert.equal(parseShare("1"), 1);
  for (const word of ["0", "1.1", "-0.5", "90%", "", ".", "1e-1"])
    assert.throws(() => parseShare(word), RangeError);
});

test("penstock fit refuses words that it does not know, with exit code 2", async () => {
  for (const words of [[], ["--model", "m", "--tp", "0"], ["--model", "m", "--gpu", "TPU"]]) {
    const { exitCode, stderr, stdout } = await runPenstock(["fit", ...words]);
    assert.equal(exitCode, 2, words.join(" "));
    assert.notEqual(stderr, "");
    assert.equal(stdout, "");
  }
});
