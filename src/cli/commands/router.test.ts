import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock router refuses values that its flags do not take, with exit code 2", async () => {
  const rank = ["--worker-urls", "http://127.0.0.1:1"];
  for (const words of [
    [],
    [...rank, "--policy", "best"],
    ["--worker-urls", "x"],
    [...rank, "y"],
    ["--vllm-pd-disaggregation", "--decode", "http://127.0.0.1:1"],
  ]) {
    const { exitCode, stderr } = await runPenstock(["router", ...words]);
    assert.equal(exitCode, 2, words.join(" "));
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});
