/** Processes of a job that fail: what comes back comes back, what cannot takes the job down and is named. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, test } from "node:test";
import { ask, model, reversed } from "../support/ask.ts";
import { repositoryRoot } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import type { LabHost } from "../support/slurm-lab/lab-host.ts";
import { penstock, ServedJob, type ServeOptions } from "../support/slurm-lab/served-job.ts";
import { twoEngines } from "../support/slurm-lab/small-deployments.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

const weights = join(repositoryRoot, "models", model, "model.safetensors");
const comeBackMsMax = 60_000;
let lab: SlurmLab;
let head: LabHost;
let second: LabHost;

before(async () => {
  lab = await startSlurmLab({ nodeCount: 2, gpusPerNode: 2, killWaitSeconds: 6 });
  [head, second] = lab.nodes as [LabHost, LabHost];
});
afterEach(() => lab.cancelAll());
after(() => lab?.close());

function serve(
  name: string,
  given: Partial<Pick<ServeOptions, "outputDirectory">> = {},
): ServedJob {
  return new ServedJob({ lab, name, words: twoEngines, ...given });
}

async function assertAnswers(url: string, word = "turbine"): Promise<void> {
  const { text, error } = await ask({ url, word, kind: "chat", stream: true });
  assert.equal(text, reversed(word), error);
}

async function end(job: ServedJob): Promise<void> {
  await job.cancel();
  await job.ended();
  await assertNothingLeft(lab);
  assert.equal(job.read("endpoints.json"), "", "nobody is told of what is gone");
}

/** Waits for a process of Penstock on a host: "router", "engine", "node". */
async function processOn(host: LabHost, command: string): Promise<number> {
  // On the first node srun has the same words on its command line.
  const words = new RegExp(`^\\S+node \\S+penstock\\.js ${command} `);
  const isMeant = (line: string): boolean => words.test(line);
  return await eventually(`"${command}" on ${host.name}`, () => {
    return host.processes().find((process) => isMeant(process.command))?.pid;
  });
}

function ranksUp(url: string): Promise<number> {
  return readMetric(url, "penstock_router_rank_up");
}

test("a rank that is killed comes back, and requests meanwhile are answered by the other", async () => {
  const job = serve("rank-killed");
  const [url] = (await job.ready()).client as [string];
  const killed = await processOn(second, "engine");
  process.kill(killed, "SIGKILL");
  for (let index = 0; index < 4; index++) await assertAnswers(url);
  const hasReturned = async (): Promise<boolean> => (await processOn(second, "engine")) !== killed;
  await eventually("its return", hasReturned, comeBackMsMax);
  await eventually("the router to see it", async () => (await ranksUp(url)) === 2, comeBackMsMax);
  await assertAnswers(url, "penstock");
  const status = await lab.output([...penstock, "status", await job.id()]);
  assert.match(status, /RESTARTS[^]*engine-1-rank-0 +\S+ +\w+ +\d+ +1 /);
  await end(job);
});

test("a router that is killed comes back", async () => {
  const job = serve("router-killed");
  const [url] = (await job.ready()).client as [string];
  process.kill(await processOn(head, "router"), "SIGKILL");
  await eventually("its return", () => assertAnswers(url).then(() => true), comeBackMsMax);
  await end(job);
});

for (const which of ["first", "second"] as const)
  test(`a supervisor that is killed on the ${which} node takes the job down, and its node is named`, async () => {
    const job = serve(`supervisor-killed-${which}`);
    await job.ready();
    const host = which === "first" ? head : second;
    process.kill(await processOn(host, "node"), "SIGKILL");
    assert.equal(await job.ended(), 1, job.output());
    assert.match(job.output(), new RegExp(`node "${host.name}" failed first[^]*"Killed"`));
    // Its control socket has no owner any more; whoever looks for deployments on that node next removes it.
    await host.run([...penstock, "status"], { env: lab.environment });
    await assertNothingLeft(lab);
  });

test("a rank that cannot load its model takes the job down, with its own words", async (t) => {
  const broken = join(lab.sharedDirectory, "broken.safetensors");
  writeFileSync(broken, readFileSync(weights).subarray(0, 100_000));
  await second.output(["mount", "--bind", broken, weights]);
  t.after(() => second.output(["umount", weights]));
  const job = serve("broken-model");
  assert.equal(await job.ended(), 1, job.output());
  assert.match(job.output(), /node 1/);
  assert.match(job.output(), /model\.safetensors/);
  await assertNothingLeft(lab);
});

test("a rank that is never ready takes the job down when its time is over", async (t) => {
  await hangOnLoad(t);
  const outputDirectory = join(lab.sharedDirectory, "never-ready");
  const words = [...twoEngines, "--output-dir", outputDirectory, "--dry-run"];
  await lab.output([...penstock, "serve", ...words], { cwd: repositoryRoot });
  const planFile = join(outputDirectory, "plan.json");
  const plan = readFileSync(planFile, "utf8");
  writeFileSync(planFile, plan.replaceAll(/"timeoutMs": \d+/g, '"timeoutMs": 8000'));
  const script = join(outputDirectory, "penstock.sbatch");
  const id = (await lab.output(["sbatch", "--parsable", script])).trim();
  const hasFailed = async (): Promise<boolean> => {
    await sleep(500);
    return /JobState=FAILED/.test(await lab.output(["scontrol", "show", "job", id]));
  };
  await eventually("the job to fail", hasFailed, comeBackMsMax);
  await assertNothingLeft(lab);
  const log = await lab.output(["bash", "-c", `cat ${outputDirectory}/logs/job_*.log`]);
  assert.match(log, /node 1 .*not ready within 8000 ms[^]*PROCESS_NOT_READY/);
});

test("a port that is taken between the check and the start is named with its rank", async (t) => {
  const flag = join(lab.sharedDirectory, "take-the-port");
  const program = `
    const { existsSync } = require("node:fs");
    const timer = setInterval(() => {
      if (!existsSync(${JSON.stringify(flag)})) return;
      clearInterval(timer);
      require("node:net").createServer().listen(8100, "0.0.0.0");
    }, 2);`;
  const thief = second.start([process.execPath, "-e", program]);
  const job = serve("port-taken");
  await processOn(second, "engine");
  writeFileSync(flag, "");
  t.after(() => thief.kill("SIGKILL"));
  assert.equal(await job.ended(), 1, job.output());
  assert.match(job.output(), portTaken);
  for (const { pid, command } of second.processes())
    if (command.includes("createServer")) process.kill(pid, "SIGKILL");
  await assertNothingLeft(lab);
});

test("a port that is taken before is named with who holds it", async () => {
  const program = 'require("node:net").createServer().listen(8100, "0.0.0.0")';
  second.start([process.execPath, "-e", program]);
  await eventually("the port to be taken", () => second.listeningPorts().includes(8100));
  const job = serve("port-taken-before");
  assert.equal(await job.ended(), 1, job.output());
  assert.match(job.output(), portTaken);
  for (const { pid, command } of second.processes())
    if (command.includes("createServer")) process.kill(pid, "SIGKILL");
  await assertNothingLeft(lab);
});

test("a deployment serves on when its disk is full, and ends clean", async () => {
  const outputDirectory = join(lab.smallDirectory, "fills-up");
  const job = serve("disk-fills", { outputDirectory });
  const [url] = (await job.ready()).client as [string];
  const filler = join(lab.smallDirectory, "filler");
  await lab.run(["dd", "if=/dev/zero", `of=${filler}`, "bs=4096"]);
  for (let index = 0; index < 4; index++) await assertAnswers(url);
  await end(job);
  await lab.output(["rm", "-rf", filler, outputDirectory]);
});

test("a disk that is full from the beginning is named, and nothing runs", async () => {
  const outputDirectory = join(lab.smallDirectory, "full");
  const filler = join(lab.smallDirectory, "filler");
  await lab.output(["mkdir", outputDirectory]);
  await lab.run(["dd", "if=/dev/zero", `of=${filler}`, "bs=4096"]);
  const job = serve("disk-full", { outputDirectory });
  assert.notEqual(await job.ended(), 0);
  assert.match(job.output(), /ENOSPC|no space left/i);
  await assertNothingLeft(lab);
  await lab.output(["rm", "-rf", filler, outputDirectory]);
});

/** The node, the rank, and who has its port. */
const portTaken =
  /node 1 .*engine-1-rank-0.*port 8100 is already in use by pid \d+ \(node -e [^]*PORT_IN_USE/;

/** A pipe that nobody writes stands where the second node looks for the weights. */
async function hangOnLoad(t: { after(clean: () => unknown): void }): Promise<void> {
  const pipe = join(lab.sharedDirectory, `pipe-${Date.now()}`);
  await lab.output(["mkfifo", pipe]);
  await second.output(["mount", "--bind", pipe, weights]);
  t.after(() => second.output(["umount", weights]));
}
