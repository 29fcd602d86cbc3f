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
    [...rank, "--ssl-keyfile", "key.pem"],
    ["--vllm-pd-disaggregation", "--decode", "http://127.0.0.1:1"],
  ]) {
    const { exitCode, stderr } = await runPenstock(["router", ...words]);
    assert.equal(exitCode, 2, words.join(" "));
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test("penstock router does not start without the keys that it is to check, and shows none", async () => {
  const rank = ["--port", "0", "--worker-urls", "http://127.0.0.1:1"];
  const none = await runPenstock(["router", ...rank, "--api-key-file", "/none/keys"]);
  assert.equal(none.exitCode, 1);
  assert.match(none.stderr, /file "\/none\/keys": opening it failed with ENOENT/);
  const env = { PENSTOCK_API_KEY: "secret key" };
  const wrong = await runPenstock(["router", ...rank], env);
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.stderr, /ROUTER_API_KEYS_UNUSABLE/);
  assert.doesNotMatch(wrong.stderr + wrong.stdout, /secret/);
});
