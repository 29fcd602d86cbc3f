import assert from "node:assert/strict";
import { test } from "node:test";
import { makePlan } from "../make-plan.ts";
import { configOf } from "../test-support/config-of.ts";
import { testInventory } from "../test-support/inventory.ts";

async function pathsOf(...words: readonly string[]): Promise<readonly string[]> {
  const { endpoints } = makePlan(await configOf(...words), testInventory);
  return endpoints.admin.map(({ path }) => path);
}

test("routerDirectory() is another one for each place that a router may listen at", async () => {
  const paths = await Promise.all([
    pathsOf(),
    pathsOf("--server.port=8001"),
    pathsOf("--server.host=0.0.0.0"),
    pathsOf("--server.uds=a.sock"),
    pathsOf("--server.uds=b.sock"),
    pathsOf("--output-dir=other"),
    pathsOf("--engine=embedded", "--deployment.num-replicas=2"),
  ]);
  assert.equal(new Set(paths.flat()).size, 8);
  assert.deepEqual(await pathsOf(), paths[0], "and the same one each time");
});

test("adminSocket() is short enough for a socket", async () => {
  for (const path of await pathsOf("--deployment.num-replicas=1000", "--engine=embedded"))
    assert.ok(Buffer.byteLength(path) <= 107, path);
});
