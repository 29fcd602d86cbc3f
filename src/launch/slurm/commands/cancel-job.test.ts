import assert from "node:assert/strict";
import { test } from "node:test";
import { cancelJob } from "./cancel-job.ts";

function answer(exitCode: number, stdout: string, stderr = "") {
  return () => Promise.resolve({ exitCode, stdout, stderr });
}

test("cancelJob() is content with a job that has ended already", async () => {
  await cancelJob("12", answer(0, ""));
  await cancelJob(
    "12",
    answer(
      1,
      "",
      "scancel: error: Kill job error on job id 12: Job/step already completing or completed",
    ),
  );
  await assert.rejects(cancelJob("12", answer(1, "", "scancel: error: Access denied")), {
    code: "SLURM_TOOL_FAILED",
    message: /Access denied/,
  });
});
