import assert from "node:assert/strict";
import { test } from "node:test";
import { readKillWait } from "./read-kill-wait.ts";

test("readKillWait() reads the cluster's setting, and takes Slurm's default without an answer", async () => {
  const stdout =
    "KeepAliveTime           = 30 sec\nKillOnBadExit           = 0\nKillWait                = 8 sec\n";
  const answer = (text: string) => () => Promise.resolve({ exitCode: 0, stdout: text, stderr: "" });
  assert.equal(await readKillWait(answer(stdout)), 8_000);
  assert.equal(await readKillWait(answer("")), 30_000);
  assert.equal(await readKillWait(() => Promise.reject(new Error("no"))), 30_000);
});
