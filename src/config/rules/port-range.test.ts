import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("portRange() keeps the last rank's port below the end", async () => {
  assert.match(await reportOf("--server.port 65436"), /Expected a port up to 65435: rank 0 would/);
  assert.equal((await load("--server.port 65435")).config.server.port, 65_435);
  assert.match(
    await reportOf("--deployment.backend_port 65535 --parallel.dp 2"),
    /--deployment\.backend_port {2}65535\n +Expected a port up to 65534: rank 1/,
  );
});

test("portRange() keeps the router's port out of the ranks'", async () => {
  assert.match(
    await reportOf("--deployment.backend_port 7999 --parallel.dp 2"),
    /Expected ports beside the router's 8000: ranks would listen on 7999 to 8000/,
  );
  assert.ok(await load("--deployment.backend_port 7998 --parallel.dp 2"));
  assert.ok(await load("--deployment.backend_port 8001 --parallel.dp 2"));
});

test("portRange() counts the ranks of one node", async () => {
  const wide =
    "--deployment.type multi_node --enable-expert-parallel --deployment.backend_port 7992";
  assert.ok(await load(wide));
  assert.match(await reportOf(`${wide} --server.port 7999`), /7992 to 7999/);
  const apart = "--deployment.type disaggregated --deployment.num_prefill_nodes 2";
  assert.match(await reportOf(`${apart} --deployment.backend_port 7999`), /7999 to 8006/);
});
