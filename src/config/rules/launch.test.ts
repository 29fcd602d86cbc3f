import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("launch() makes [slurm] where Slurm is asked for without it", async () => {
  const { config } = await load("--launch slurm");
  assert.equal(config.slurm?.job_name, "penstock");
  assert.match(
    await noticesOf("--launch slurm"),
    /slurm: set to its defaults, as launch is "slurm"/,
  );
  assert.equal(await noticesOf("--launch slurm --slurm.partition p"), "");
});

test("launch() leaves [slurm] out on this machine, wherever it was set", async () => {
  const files = { "x.toml": "launch = 'slurm'\n[slurm]\npartition = 'p'\ntime = '60'\n" };
  const { config } = await load("@ x.toml --launch local", files);
  assert.deepEqual([config.launch, config.slurm], ["local", null]);
  assert.match(
    await noticesOf("@ x.toml --launch local", files),
    /x\.toml:2:2 +slurm: left out, as launch is "local"/,
  );
  assert.equal((await load("--slurm.partition p --launch local")).config.slurm, null);
});

test("launch() keeps mistakes in a section that is left out", async () => {
  assert.match(await reportOf("--launch local --slurm.time soon"), /Expected a time limit/);
  assert.match(await reportOf("--launch ray"), /Expected one of "local", "slurm"/);
});
