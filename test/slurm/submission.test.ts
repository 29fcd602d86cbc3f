/** What a user meets before and around a job: refusals, leaving and coming back, options of the submission. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { ask, reversed } from "../support/ask.ts";
import { eventually } from "../support/eventually.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import { penstock, ServedJob, type ServeOptions } from "../support/slurm-lab/served-job.ts";
import { twoEngines } from "../support/slurm-lab/small-deployments.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

let lab: SlurmLab;

before(async () => {
  lab = await startSlurmLab({ nodeCount: 4, gpusPerNode: 2 });
});
afterEach(() => lab.cancelAll());
after(() => lab?.close());

type Given = Partial<Pick<ServeOptions, "env" | "outputDirectory">>;

function serve(name: string, words: readonly string[], given: Given = {}): ServedJob {
  return new ServedJob({ lab, name, words, ...given });
}

async function assertAnswers(url: string, word = "turbine"): Promise<void> {
  const { text, error } = await ask({ url, word, kind: "chat", stream: false });
  assert.equal(text, reversed(word), error);
}

async function removeOnEveryHost(directory: string): Promise<void> {
  for (const host of [lab.login, ...lab.nodes]) await host.output(["rm", "-rf", directory]);
}

async function jobCount(): Promise<number> {
  const list = await lab.output(["squeue", "--noheader", "--format=%i"]);
  return list.split("\n").filter(Boolean).length;
}

interface Refusal {
  readonly name: string;
  readonly words: readonly string[];
  readonly says: readonly RegExp[];
  readonly env?: NodeJS.ProcessEnv;
}

const refusals: readonly Refusal[] = [
  {
    name: "a partition that there is not",
    words: [...twoEngines, "--slurm.partition", "nowhere"],
    says: [/slurm\.partition/, /"nowhere"/, /invalid partition/i, /JOB_REFUSED/],
  },
  {
    name: "more nodes than the partition has",
    words: ["@", "examples/slurm-multi-replica.toml", "--deployment.num-nodes", "9"],
    says: [/needs 9 nodes/, /has 4/, /JOB_TOO_LARGE/],
  },
  {
    name: "more GPUs than a node has",
    words: [...twoEngines, "--deployment.gpus-per-node", "4"],
    says: [/4 GPUs/, /deployment\.gpus_per_node/, /JOB_TOO_LARGE/],
  },
  {
    name: "nodes that there are not",
    words: [...twoEngines, "--slurm.nodelist", "elsewhere[0-1]"],
    says: [/slurm\.nodelist/, /elsewhere/, /JOB_REFUSED/],
  },
  {
    name: "a machine without Slurm",
    words: twoEngines,
    env: { PATH: dirname(process.execPath) },
    says: [/no "sbatch" on PATH/, /--launch local/, /SBATCH_MISSING/],
  },
  {
    name: "a template that does not start the nodes",
    words: [...twoEngines, "--slurm.template-path", "package.json"],
    says: [/package\.json/, /SLURM_TEMPLATE_INVALID/],
  },
];

for (const { name, words, says, env = {} } of refusals)
  test(`serve refuses ${name} and submits nothing`, async () => {
    const job = serve("refused", words, { env });
    assert.notEqual(await job.ended(), 0);
    for (const pattern of says) assert.match(job.output(), pattern);
    assert.equal(await jobCount(), 0);
  });

test("Ctrl-C leaves the job, penstock status shows it, and penstock stop ends it", async () => {
  const job = serve("left", twoEngines);
  const { client } = await job.ready();
  const id = await job.id();
  job.interrupt();
  assert.equal(await job.ended(), 0, job.output());
  assert.equal(await job.state(), "RUNNING");
  await assertAnswers(client[0]!);
  const status = await lab.output([...penstock, "status", id]);
  assert.match(status, /rank-0[^]*ready/);
  for (const { name } of lab.nodes.slice(0, 2)) assert.match(status, new RegExp(name));
  const logs = await lab.output([...penstock, "logs", "--deployment", id]);
  assert.match(logs, /router-0/);
  await lab.output([...penstock, "stop", id], { timeoutMs: 60_000 });
  await job.untilState("CANCELLED");
  await assertNothingLeft(lab);
});

test("Ctrl-C with --cancel-on-exit cancels the job and waits for its end", async () => {
  const job = serve("taken-along", [...twoEngines, "--cancel-on-exit"]);
  await job.ready();
  job.interrupt();
  assert.equal(await job.ended(), 0, job.output());
  assert.equal(await job.state(), "CANCELLED");
  await assertNothingLeft(lab);
});

test("two jobs run at once, and the end of one leaves the other alone", async () => {
  const [first, second] = [serve("first", twoEngines), serve("second", twoEngines)];
  const [one, two] = await Promise.all([first.ready(), second.ready()]);
  await Promise.all([one, two].map(({ client }) => assertAnswers(client[0]!)));
  await first.cancel();
  await first.ended();
  await assertAnswers(two.client[0]!, "penstock");
  await second.cancel();
  await second.ended();
  await assertNothingLeft(lab);
});

test("nodes that share no file system serve with shared_fs = false", async (t) => {
  // Each host has files of its own there, the login host too.
  const outputDirectory = join(lab.temporaryDirectory, "own-disk");
  t.after(() => removeOnEveryHost(outputDirectory));
  const job = serve("own-disks", [...twoEngines, "--no-slurm.shared-fs"], { outputDirectory });
  await job.said(/http:\/\/\S+:8000/);
  const url = /http:\/\/[\d.]+:8000/.exec(job.output())![0];
  const id = await job.id();
  // The job's own log is on its first node's disk, of which /tmp is this machine's here.
  t.after(() => rmSync(`/tmp/penstock_${id}.log`, { force: true }));
  await eventually("an answer", () => assertAnswers(url).then(() => true));
  assert.match(await lab.output([...penstock, "status", id]), /rank-0[^]*ready/);
  await job.cancel();
  await job.ended();
  await removeOnEveryHost(outputDirectory);
  await assertNothingLeft(lab);
});

test("an output_dir that nodes do not see is named as the cause", async (t) => {
  const outputDirectory = join(lab.temporaryDirectory, "not-shared");
  t.after(() => removeOnEveryHost(outputDirectory));
  const job = serve("not-shared", twoEngines, { outputDirectory });
  assert.equal(await job.ended(), 1, job.output());
  assert.match(
    job.output(),
    /Cannot write the job's log [^]*every node has to see output_dir[^]*OUTPUT_DIR_NOT_SHARED/,
  );
  await removeOnEveryHost(outputDirectory);
  await assertNothingLeft(lab);
});

test("a Node.js that is missing on a node is named with the node", async (t) => {
  const [first] = lab.nodes;
  const directory = dirname(process.execPath);
  await first!.output(["mount", "-t", "tmpfs", "tmpfs", directory]);
  t.after(() => first!.output(["umount", directory]));
  const job = serve("no-node", twoEngines);
  assert.equal(await job.ended(), 1, job.output());
  assert.match(job.output(), /NODE_JS_MISSING/);
  assert.match(job.output(), new RegExp(first!.name));
  await assertNothingLeft(lab);
});

test("template_path gives the batch script", async () => {
  const template = join(lab.sharedDirectory, "template.sh");
  const lines = [
    "#!/usr/bin/env bash",
    "{{sbatch_lines}}",
    "#SBATCH --comment=from-the-template",
    "{{environment}}",
    "{{node_command}}",
  ];
  writeFileSync(template, `${lines.join("\n")}\n`);
  const job = serve("templated", [...twoEngines, "--slurm.template-path", template]);
  const { client } = await job.ready();
  await assertAnswers(client[0]!);
  const shown = await lab.output(["scontrol", "show", "job", await job.id()]);
  assert.match(shown, /Comment=from-the-template/);
  await job.cancel();
  await job.ended();
  await assertNothingLeft(lab);
});
