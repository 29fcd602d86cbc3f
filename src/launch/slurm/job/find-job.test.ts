import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunTool } from "../commands/run-tool.ts";
import { keepRecord } from "../files/job-record.ts";
import { findJob, openJob } from "./find-job.ts";

function scratch(context: TestContext): { readonly output: string; readonly records: string } {
  const directory = mkdtempSync(join(tmpdir(), "penstock-find-job-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const output = join(directory, "output");
  mkdirSync(output);
  const plan = { version: 1, nodes: [{ index: 0 }, { index: 1 }] };
  writeFileSync(join(output, "plan.json"), JSON.stringify(plan));
  return { output, records: join(directory, "records") };
}

function scontrol(stdout: string, stderr = ""): RunTool {
  return () => Promise.resolve({ exitCode: stdout === "" ? 1 : 0, stdout, stderr });
}

const unknown = scontrol("", "slurm_load_jobs error: Invalid job id specified");

test("findJob() finds a job's files beside its batch script", async (context) => {
  const { output, records } = scratch(context);
  const pending = scontrol(`JobId=12 JobState=PENDING Command=${output}/penstock.sbatch\n`);
  const { options } = await findJob("12", pending, records);
  assert.equal(options.outputDirectory, output);
  assert.equal(options.nodeCount, 2);
  assert.equal(options.sharedFs, true);
});

test("findJob() asks the nodes where they read their Plan from the batch script", async (context) => {
  const { output, records } = scratch(context);
  const script = join(output, "penstock.sbatch");
  const running = scontrol(`JobId=12 JobState=RUNNING Command=${script}\n`);
  writeFileSync(script, `exec srun node penstock.js node --plan ${output}/plan.json\n`);
  assert.equal((await findJob("12", running, records)).options.sharedFs, true);
  writeFileSync(
    script,
    `exec srun node penstock.js node --plan - --output-dir ${output} <<'PLAN'\n`,
  );
  assert.equal((await findJob("12", running, records)).options.sharedFs, false);
});

test("findJob() finds a job that Slurm has forgotten by the record of its submission", async (context) => {
  const { output, records } = scratch(context);
  const record = { jobId: "12", outputDirectory: output, sharedFs: false, submittedAtMs: 1 };
  await keepRecord(record, records);
  const { options } = await findJob("12", unknown, records);
  assert.equal(options.outputDirectory, output);
  assert.equal(options.sharedFs, false);
  const silent = scontrol("", "Unable to contact slurm controller");
  assert.equal((await findJob("12", silent, records)).options.outputDirectory, output);
  await assert.rejects(findJob("13", silent, records), { code: "SLURM_TOOL_FAILED" });
});

test("findJob() says which jobs are none of Penstock's", async (context) => {
  const { output, records } = scratch(context);
  const refused = (runTool: RunTool, message: RegExp) =>
    assert.rejects(findJob("12", runTool, records), { code: "JOB_UNKNOWN", message });
  await refused(unknown, /Slurm does not know it/);
  await refused(scontrol("JobId=12 JobState=RUNNING\n"), /does not have its batch script/);
  await refused(
    scontrol(`JobId=12 JobState=RUNNING Command=${output}/elsewhere/a.sh\n`),
    /no Plan of Penstock in/,
  );
  await assert.rejects(openJob("999999999", unknown), { code: "JOB_UNKNOWN" });
});
