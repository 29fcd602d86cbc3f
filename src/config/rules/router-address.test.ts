import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

const two = "--engine embedded --deployment.num_replicas 2";

test("routerAddress() refuses one open address for the routers of several replicas", async () => {
  for (const host of ["0.0.0.0", "::", "10.0.0.1"])
    assert.match(
      await reportOf(`${two} --server.host ${host}`),
      /--server\.host .*\n +Expected "127\.0\.0\.1" for 2 replicas on this machine/,
    );
  assert.match(await reportOf(`${two} --pd_disagg.host 0.0.0.0`), /--pd_disagg\.host/);
});

test("routerAddress() takes loopback, one replica, and nodes of their own", async () => {
  for (const words of [
    two,
    `${two} --server.host localhost`,
    `${two} --server.host 0.0.0.0 --slurm`,
    "--engine embedded --server.host 0.0.0.0 --deployment.type multi_node",
  ])
    assert.ok((await load(words)).config.server);
});
