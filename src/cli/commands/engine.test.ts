import assert from "node:assert/strict";
import { test } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";

test("penstock engine refuses values that its flags do not take, with exit code 2", async () => {
  for (const words of [
    ["m", "--port", "70000"],
    ["m", "--dtype", "float8"],
    ["m", "--threads", "-1"],
    ["m", "--kv-role", "kv_any"],
    ["m", "--kv-lease-duration", "0"],
    [],
  ]) {
    const { exitCode, stderr } = await runPenstock(["engine", ...words]);
    assert.equal(exitCode, 2, words.join(" "));
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test("penstock engine explains itself", async () => {
  const { stdout, exitCode } = await runPenstock(["engine", "--help"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /penstock engine models\/penstock\/reverse-moe --port 8100/);
  for (const flag of [
    "--served-model-name",
    "--max-model-len",
    "--data-parallel-rank",
    "--block-size",
    "--no-enable-prefix-caching",
    "--kv-role",
    "--kv-side-channel-host",
    "--kv-side-channel-port",
    "--kv-lease-duration",
    "--kv-load-failure-policy",
  ])
    assert.ok(stdout.includes(flag), flag);
});
