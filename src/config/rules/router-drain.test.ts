import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("routerDrain() refuses a wait for ranks that Slurm ends meanwhile", async () => {
  assert.match(
    await reportOf("--router.drain-timeout 20 --slurm.partition p"),
    /--router\.drain-timeout .*\n +Expected "None" with \[slurm\]/,
  );
  const { router } = (await load("--router.drain-timeout 20")).config;
  assert.ok(router.type === "penstock" && router.drain_timeout === 20);
  assert.ok((await load("--slurm.partition p")).config);
});
