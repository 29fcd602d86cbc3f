import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { jobFiles } from "../files/job-files.ts";
import { parseReport, readRemoteReport, readReport } from "./job-report.ts";

const attempt = { jobId: "12", restartCount: 0 };

function status(node: number, writtenAtMs: number): string {
  const slurm = { jobId: "12", node };
  const view = { phase: "ready", processes: [] };
  return JSON.stringify({ slurm, writtenAtMs, view, nodeName: `x${node}`, penstockCommand: [] });
}

const cause = { timeMs: 1, node: 1, hostname: "x1", code: "C", message: "m", hint: "h" };
const endpoints = { jobId: "12", client: ["http://10.0.0.1:8000"] };

function outputDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-report-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const files = jobFiles(directory, attempt);
  mkdirSync(files.nodesDirectory, { recursive: true });
  writeFileSync(files.status(10), `${status(10, 5)}\n`);
  writeFileSync(files.status(2), `${status(2, 5)}\n`);
  writeFileSync(files.cause(1), `${JSON.stringify(cause)}\n`);
  writeFileSync(join(files.nodesDirectory, ".node-3.json-77"), status(3, 5));
  writeFileSync(join(files.nodesDirectory, "node-4.json"), "{\n");
  writeFileSync(files.attemptEndpoints, JSON.stringify(endpoints));
  return directory;
}

test("readReport() reads what the nodes have written, in the order of their numbers", async (context) => {
  const report = await readReport(outputDirectory(context), attempt);
  assert.deepEqual(
    report.statuses.map(({ slurm }) => slurm.node),
    [2, 10],
  );
  assert.deepEqual(report.causes, [cause]);
  assert.deepEqual(report.endpoints, endpoints);
});

test("readReport() finds nothing before a node has begun", async () => {
  const report = await readReport("/nowhere", attempt);
  assert.deepEqual(report, { statuses: [], causes: [], endpoints: undefined });
});

test("readRemoteReport() reads the same through a step on all nodes", async (context) => {
  const directory = outputDirectory(context);
  const asked: (readonly string[])[] = [];
  const { nodesDirectory } = jobFiles(directory, attempt);
  const report = await readRemoteReport(directory, attempt, {
    nodeCount: 4,
    runTool: (argv) => {
      asked.push(argv);
      const texts = [status(0, 1), JSON.stringify(cause), "", JSON.stringify(endpoints), "noise"];
      const lines = texts.map((text, task) => `${task} ${btoa(text)}`);
      return Promise.resolve({ exitCode: 0, stdout: lines.join("\n"), stderr: "" });
    },
  });
  assert.equal(report.statuses[0]?.nodeName, "x0");
  assert.deepEqual(report.causes, [cause]);
  assert.deepEqual(report.endpoints, endpoints);
  assert.ok(asked[0]!.includes("--jobid=12") && asked[0]!.includes("--overlap"));
  assert.ok(asked[0]!.includes("--ntasks=4") && asked[0]!.includes(nodesDirectory));
});

test("readRemoteReport() reads what the nodes' own shells and programs make of their files", async (context) => {
  const directory = outputDirectory(context);
  const report = await readRemoteReport(directory, attempt, {
    nodeCount: 1,
    runTool: (argv) => {
      const words = argv.slice(argv.indexOf("sh") + 1);
      const env = { ...process.env, SLURM_PROCID: "0" };
      const { status: code, stdout, stderr } = spawnSync("sh", words, { env, encoding: "utf8" });
      return Promise.resolve({ exitCode: code!, stdout, stderr });
    },
  });
  const nodes = report.statuses.map(({ slurm }) => slurm.node);
  assert.deepEqual(nodes, [2, 10]);
  assert.deepEqual([report.causes, report.endpoints], [[cause], endpoints]);
});

test("parseReport() takes the last word of a node that is told of several times", () => {
  const { statuses, causes } = parseReport([
    status(0, 9),
    status(0, 3),
    JSON.stringify(cause),
    JSON.stringify(cause),
  ]);
  assert.deepEqual(
    statuses.map(({ writtenAtMs }) => writtenAtMs),
    [9],
  );
  assert.equal(causes.length, 1);
});
