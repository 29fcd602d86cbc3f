import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("pdDisaggShape() keeps [pd_disagg] on one machine, with workers of one rank", async () => {
  assert.match(
    await reportOf("--pd_disagg --deployment.type multi_node"),
    /Expected "single_node" beside \[pd_disagg\]/,
  );
  assert.equal((await load("--pd_disagg --parallel.dp 4")).config.parallel.dp, 1);
  assert.match(await noticesOf("--pd_disagg --parallel.dp 4"), /--parallel\.dp: set to 1/);
});

test("pdDisaggShape() refuses elastic clients", async () => {
  const files = { "a.toml": "[pd_disagg]\n[orchestrator.client.elastic]\nhostname = 'x'" };
  assert.match(await reportOf("@ a.toml", files), /rl\.elastic = true\n +Expected none beside/);
});
