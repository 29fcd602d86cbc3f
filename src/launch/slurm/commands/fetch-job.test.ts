import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchJob } from "./fetch-job.ts";

function answer(exitCode: number, stdout: string, stderr = "") {
  return () => Promise.resolve({ exitCode, stdout, stderr });
}

test("fetchJob() tells a job that is not known from a Slurm that does not answer", async () => {
  const found = await fetchJob("12", answer(0, "JobId=12 JobState=RUNNING\n"));
  assert.equal(found?.stage, "running");
  const unknown = answer(1, "", "slurm_load_jobs error: Invalid job id specified\n");
  assert.equal(await fetchJob("12", unknown), undefined);
  const silent = answer(1, "", "slurm_load_jobs error: Unable to contact slurm controller\n");
  await assert.rejects(fetchJob("12", silent), {
    code: "SLURM_TOOL_FAILED",
    message: /Unable to contact/,
  });
});
