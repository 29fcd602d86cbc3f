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
    [...rank, "--uds", ""],
    [...rank, "--threads", "0"],
    [...rank, "--threads", "65"],
    [...rank, "--allowed-origins", "https://a/b"],
    [...rank, "--session-header", "a b"],
    [...rank, "--max-concurrent-requests", "0"],
    [...rank, "--max-payload-size", "1e9"],
    [...rank, "--drain-timeout-secs", "-1"],
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

test("penstock router shows flags with examples, and tells all that do not go together", async () => {
  const { stdout } = await runPenstock(["router", "--help"]);
  assert.match(stdout, /--max-concurrent-requests 20000/);
  assert.match(stdout, /\[--uds\] +Unix socket to listen on/);
  const words = ["--worker-urls", "http://127.0.0.1:1", "--uds", "s", "--port", "1"];
  const { stderr } = await runPenstock(["router", ...words, "--threads", "2"]);
  assert.match(stderr, /--port 1 does not go with --uds; --threads 2 does not go with --uds/);
});
