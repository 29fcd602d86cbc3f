import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Plan } from "../../../plan/mod.ts";
import { openSource } from "../../control/open-source.ts";
import { causeOfComment, parseCause } from "../files/cause-file.ts";
import { parseEndpoints } from "../files/endpoints-file.ts";
import { jobFiles } from "../files/job-files.ts";
import { parseNodeStatus } from "../files/node-status.ts";
import { type FakeSlurm, makeFakeSlurm } from "../test-support/fake-slurm.ts";
import { JobNodeRun } from "./job-node.ts";

const step = {
  SLURM_JOB_ID: "12",
  SLURM_NODEID: "0",
  SLURM_PROCID: "0",
  SLURM_STEP_NODELIST: "x0",
  SLURM_STEP_NUM_NODES: "1",
  SLURM_STEP_NUM_TASKS: "1",
};

/** A Slurm of one node that is this machine; the programs are found by this process too. */
function slurm(context: TestContext): FakeSlurm {
  const fake = makeFakeSlurm(context);
  fake.program(
    "scontrol",
    `case "$2" in
      hostnames) echo x0 ;;
      node) echo "NodeName=x0 NodeAddr=127.0.0.1" ;;
      config) echo "KillWait                = 8 sec" ;;
      job) echo "JobId=12 JobState=RUNNING" ;;
    esac`,
  );
  fake.program("scancel", "");
  // A socket's path has no room for long directories.
  const sockets = mkdtempSync(join(tmpdir(), "ps-"));
  const before = { ...process.env };
  Object.assign(process.env, { ...fake.env, PENSTOCK_RUNTIME_DIR: sockets });
  context.after(() => {
    process.env["PATH"] = before["PATH"];
    delete process.env["PENSTOCK_RUNTIME_DIR"];
    rmSync(sockets, { recursive: true, force: true });
  });
  return fake;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A Plan of one process, which serves or does what the script says. */
function planOf(port: number, script?: string): Plan {
  const serve = `require("node:http").createServer((_, answer) => answer.end()).listen(${port}, "127.0.0.1");
    process.on("SIGTERM", () => process.exit(0)); process.stdin.resume().on("end", () => process.exit(0));`;
  const process_ = {
    id: "rank-0",
    kind: "engine",
    role: "both",
    replica: 0,
    instance: null,
    rank: 0,
    argv: [process.execPath, "-e", script ?? serve],
    env: {},
    files: [],
    directories: [],
    gpus: [],
    ports: [],
    ready: { kind: "http", url: `http://{node:0}:${port}/health`, timeoutMs: 30_000 },
    after: [],
    restart: null,
  };
  return {
    version: 1,
    shape: "multi_node",
    launcher: "slurm",
    engine: "embedded",
    model: { name: "m", servedModelNames: ["m"], source: "/m" },
    instances: [],
    nodes: [{ index: 0, processes: [process_] }],
    endpoints: {
      client: [`http://{node:0}:${port}`],
      ranks: [`http://{node:0}:${port}`, `http://{node:1}:${port}`],
      admin: [
        { node: 0, path: "/tmp/router-0/admin.sock" },
        { node: 1, path: "/tmp/router-1/admin.sock" },
      ],
    },
    warnings: [],
  } as unknown as Plan;
}

function startNode(plan: Plan, { directory }: FakeSlurm, sharedFs = true) {
  const ready = Promise.withResolvers<readonly string[]>();
  const options = { plan, outputDirectory: directory, sharedFs, env: step, onReady: ready.resolve };
  const node = new JobNodeRun(options);
  const ended = node.carryOut();
  ended.catch(() => undefined);
  // A failure shows itself instead of an endless wait.
  const first = Promise.race([ready.promise, ended.then(() => assert.fail("it has ended"))]);
  first.catch(() => undefined);
  return { node, ended, ready: first };
}

const files = (fake: FakeSlurm) => jobFiles(fake.directory, { jobId: "12", restartCount: 0 });

test("JobNodeRun tells where a job serves while it does, and ends well when Slurm says so", async (context) => {
  const fake = slurm(context);
  const port = await freePort();
  const { node, ended, ready } = startNode(planOf(port), fake);
  assert.deepEqual(await ready, [`http://127.0.0.1:${port}`]);
  const { endpoints, attemptEndpoints, status, logDirectory } = files(fake);
  const found = parseEndpoints(readFileSync(endpoints, "utf8"));
  assert.equal(found?.jobId, "12");
  assert.deepEqual(found.nodes, [{ hostname: "x0", address: "127.0.0.1" }]);
  node.stop();
  await ended;
  assert.equal(existsSync(endpoints), false);
  assert.equal(existsSync(attemptEndpoints), true);
  const last = parseNodeStatus(readFileSync(status(0), "utf8"));
  assert.equal(last?.view.phase, "ended");
  assert.equal(last.nodeName, "x0");
  assert.deepEqual(last.endpoints.ranks, [`http://127.0.0.1:${port}`]);
  assert.deepEqual(last.adminSockets, ["/tmp/router-0/admin.sock"], "not those of other nodes");
  assert.match(readFileSync(join(logDirectory, "node-0.log"), "utf8"), /Ended as it was told to/);
});

test("JobNodeRun leaves the cause behind when a process fails", async (context) => {
  const fake = slurm(context);
  const plan = planOf(await freePort(), 'console.error("no weights here"); process.exit(3)');
  writeFileSync(files(fake).endpoints, JSON.stringify({ jobId: "11", client: [] }));
  const { ended } = startNode(plan, fake);
  await assert.rejects(ended, { code: "PROCESS_ENDED", message: /no weights here/ });
  const cause = parseCause(readFileSync(files(fake).cause(0), "utf8"));
  assert.equal(cause?.code, "PROCESS_ENDED");
  assert.equal(existsSync(files(fake).endpoints), false, "not even those of a job that is gone");
});

test("JobNodeRun leaves the cause with Slurm where the nodes share no files", async (context) => {
  const fake = slurm(context);
  const plan = planOf(await freePort(), "process.exit(3)");
  await assert.rejects(startNode(plan, fake, false).ended, { code: "PROCESS_ENDED" });
  const update = fake.calls().find((call) => call.startsWith("scontrol update JobId=12 "));
  assert.equal(causeOfComment(update?.split("Comment=")[1] ?? "")?.code, "PROCESS_ENDED");
});

test("JobNodeRun ends the whole job when this node is told to stop by its socket", async (context) => {
  const fake = slurm(context);
  const { node, ended, ready } = startNode(planOf(await freePort()), fake);
  await ready;
  const source = await openSource({
    deployment: "job12-node0",
    job: undefined,
    openJob: assert.fail,
  });
  await source.stop({ now: false });
  for (let tries = 0; tries < 200 && !fake.calls().includes("scancel 12"); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(fake.calls().includes("scancel 12"));
  node.stopNow();
  await ended;
});

test("JobNodeRun asks a slurmctld again that is away, until it is told to stop", async (context) => {
  const fake = slurm(context);
  fake.program("scontrol", 'echo "Unable to contact slurm controller" >&2; exit 1');
  const { node, ended } = startNode(planOf(await freePort()), fake);
  for (let tries = 0; tries < 400 && fake.calls().length < 4; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(fake.calls().length >= 4, fake.calls().join("\n"));
  node.stop();
  await ended;
  const log = readFileSync(join(files(fake).logDirectory, "node-0.log"), "utf8");
  assert.match(log, /Unable to contact slurm controller; it is asked again/);
});

test("JobNodeRun starts nothing when it is told to stop before it knows the others", async (context) => {
  const fake = slurm(context);
  const { node, ended } = startNode(planOf(await freePort()), fake);
  node.stop();
  await ended;
  assert.equal(existsSync(join(files(fake).logDirectory, "rank-0.log")), false);
});
