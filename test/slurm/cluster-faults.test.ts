/** What a cluster does to a job: nodes that die, links that break, scancel, time limits, the queue again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, test } from "node:test";
import { ask, model, reversed } from "../support/ask.ts";
import { repositoryRoot } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { heldOutWords } from "../support/held-out-words.ts";
import { readMetric } from "../support/metrics.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import type { LabHost } from "../support/slurm-lab/lab-host.ts";
import { ServedJob } from "../support/slurm-lab/served-job.ts";
import { twoEngines, twoPrefillsOneDecode } from "../support/slurm-lab/small-deployments.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

const words = heldOutWords();
const weights = join(repositoryRoot, "models", model, "model.safetensors");
const leaseMsMax = 60_000;
let lab: SlurmLab;

before(async () => {
  lab = await startSlurmLab({ nodeCount: 3, gpusPerNode: 2, killWaitSeconds: 6 });
});
afterEach(() => lab.cancelAll());
after(() => lab?.close());

async function assertAnswers(url: string, wordCount = 1): Promise<void> {
  await Promise.all(
    words.slice(0, wordCount).map(async (word, index) => {
      const kind = index % 2 === 0 ? "chat" : "completions";
      const { text, error } = await ask({ url, word, kind, stream: index % 4 < 2 });
      assert.equal(text, reversed(word), error);
    }),
  );
}

async function end(job: ServedJob): Promise<void> {
  await job.cancel();
  await job.ended();
  await assertNothingLeft(lab);
  assert.equal(job.read("endpoints.json"), "", "nobody is told of what is gone");
}

test("a node that loses its power is named, and Slurm puts the job back into the queue", async (t) => {
  const job = new ServedJob({ lab, name: "power-cut", words: twoEngines });
  const [url] = (await job.ready()).client as [string];
  const node = lab.nodes[1]!;
  t.after(() => (node.isOn ? undefined : lab.bootNode(node)));
  await node.powerOff();
  await assertAnswers(url, 4);
  await lab.output(["scontrol", "update", `NodeName=${node.name}`, "State=DOWN", "Reason=off"]);
  await job.said(new RegExp(`lost a node of job \\d+ \\("${node.name}"\\)`));
  await job.untilState("PENDING");
  await end(job);
  await lab.bootNode(node);
  await lab.untilIdle();
});

test("a cut between prefill and decode node is answered by recomputing, a pulled cable by the others", async () => {
  const job = new ServedJob({ lab, name: "cut", words: twoPrefillsOneDecode });
  const { client, ranks } = await job.ready();
  const [url] = client as [string];
  const [, prefill, decode] = lab.nodes as [LabHost, LabHost, LabHost];
  await assertAnswers(url, 8);
  await prefill.cutFrom(decode);
  await assertAnswers(url, 8);
  await prefill.joinTo(decode);
  await assertAnswers(url, 8);
  await prefill.linkDown();
  await assertAnswers(url, 8);
  await prefill.linkUp();
  await assertAnswers(url, 8);
  for (const rank of ranks) {
    const isFree = async (): Promise<boolean> => (await readMetric(rank, leaseMetric)) === 0;
    await eventually(`${rank} to hold no lease`, isFree, leaseMsMax);
  }
  await end(job);
});

test("scancel as soon as the job runs leaves nothing", async () => {
  const job = new ServedJob({ lab, name: "cancelled-at-start", words: twoEngines });
  await job.untilState("RUNNING");
  await end(job);
  assert.equal(await job.state(), "CANCELLED");
});

test("scancel while a rank loads leaves nothing", async (t) => {
  const node = lab.nodes[1]!;
  const pipe = join(lab.sharedDirectory, "never-written");
  await lab.output(["mkfifo", pipe]);
  await node.output(["mount", "--bind", pipe, weights]);
  t.after(() => node.output(["umount", weights]));
  const job = new ServedJob({ lab, name: "cancelled-at-load", words: twoEngines });
  const isLoading = (): boolean =>
    node.processes().some(({ command }) => command.includes("penstock.js engine "));
  await eventually("the rank to load", isLoading);
  await end(job);
  assert.equal(await job.state(), "CANCELLED");
});

test("the time limit ends the job, and is named", async () => {
  const job = new ServedJob({
    lab,
    name: "out-of-time",
    words: [...twoEngines, "--slurm.time", "30"],
  });
  await job.ready();
  // Slurm looks at time limits twice a minute.
  await lab.output(["scontrol", "update", `JobId=${await job.id()}`, "EndTime=now"]);
  assert.equal(await job.ended(), 1, job.output());
  assert.match(job.output(), /time limit/);
  assert.equal(await job.state(), "TIMEOUT");
  await assertNothingLeft(lab);
});

test("a job that is put back into the queue serves again, with logs of its own", async () => {
  const job = new ServedJob({ lab, name: "requeued", words: twoEngines });
  await job.ready();
  const id = await job.id();
  await lab.output(["scontrol", "requeue", id]);
  await job.untilState("PENDING");
  // A restart within the second of the kill is refused by slurmd.
  await sleep(2_000);
  await lab.output(["scontrol", "update", `JobId=${id}`, "StartTime=now"]);
  const again = await eventually(
    "the second attempt to be ready",
    () => {
      const text = job.read(`logs/attempt_${id}_1/endpoints.json`);
      return text === "" ? undefined : (JSON.parse(text) as { client: string[] });
    },
    120_000,
  );
  await assertAnswers(again.client[0]!);
  assert.match(job.read("logs/latest/node-0.log"), /Everything is ready/);
  await end(job);
});

const leaseMetric = "penstock_kv_leases";
