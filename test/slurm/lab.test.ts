/** The cluster that the other tests here stand on: it is a real one, its faults are real, and it leaves nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import type { LabPlace } from "../support/slurm-lab/lab-place.ts";
import { findTraces } from "../support/slurm-lab/leftovers.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

const orphanMaker = "(sleep 1 &) ; exit 0";

test("startSlurmLab() gives idle nodes that run jobs, each with its own name, address and GPUs", async (t) => {
  const lab = await startSlurmLab({ nodeCount: 4, gpusPerNode: 2 });
  t.after(() => lab.close());
  assert.match(await lab.output(["sinfo", "--noheader", "-o", "%D %t %G"]), /^4 idle gpu:2$/m);
  const words = ["srun", "--nodes=4", "--ntasks-per-node=1", "--gpus-per-node=2"];
  const script = "echo $(hostname) $(hostname -i) $CUDA_VISIBLE_DEVICES $(ls /dev/shm | wc -l)";
  const said = await lab.output([...words, "bash", "-c", script]);
  const wanted = lab.nodes.map(({ name, address }) => `${name} ${address} 0,1 0`);
  assert.deepEqual(said.trim().split("\n").toSorted(), wanted.toSorted());
  await lab.close();
  assert.deepEqual(await findTraces(lab.place), []);
});

test("two labs run at once, and the end of one leaves the other alone", async (t) => {
  const labs = await Promise.all([
    startSlurmLab({ nodeCount: 1 }),
    startSlurmLab({ nodeCount: 1 }),
  ]);
  t.after(() => Promise.all(labs.map((lab) => lab.close())));
  const [first, second] = labs;
  await first.close();
  assert.deepEqual(await findTraces(first.place), []);
  assert.equal(await second.output(["srun", "hostname"]), `${second.nodes[0]!.name}\n`);
});

test("a lab whose test is killed loses its processes, and the next lab removes the rest", async (t) => {
  const { place } = await startAndEnd("SIGKILL");
  const lab = await startSlurmLab({ nodeCount: 1 });
  t.after(() => lab.close());
  assert.deepEqual(await findTraces(place), []);
});

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test(`a lab is closed when its test is ended by ${signal}`, async () => {
    const { place, exitCode } = await startAndEnd(signal);
    assert.equal(exitCode, signal === "SIGINT" ? 130 : 143);
    assert.deepEqual(await findTraces(place), []);
  });

test("a host's faults are those of a real one", async (t) => {
  const lab = await startSlurmLab({ nodeCount: 3 });
  t.after(() => lab.close());
  const [first, second, third] = lab.nodes as [LabNode, LabNode, LabNode];
  const reach = (from: LabNode, to: LabNode) =>
    from.run(["bash", "-c", `echo > /dev/tcp/${to.name}/16818`], { timeoutMs: 2_000 });
  const reaches = async (from: LabNode, to: LabNode) => (await reach(from, to)).exitCode === 0;

  const submit = async (node: LabNode): Promise<string> => {
    const words = ["sbatch", "--parsable", "--no-requeue", `--nodelist=${node.name}`];
    const job = await lab.output([...words, "--output=/dev/null", "--wrap=exec sleep 600"]);
    await eventually("the job to run", () => commands(node).includes("sleep 600"));
    return job.trim();
  };

  await t.test(
    "powerOff() ends what runs on it at once, bootNode() makes it idle again",
    async () => {
      const job = await submit(third);
      await third.powerOff();
      assert.deepEqual(third.processes(), []);
      assert.equal(await reaches(first, third), false);
      await lab.output([
        "scontrol",
        "update",
        `NodeName=${third.name}`,
        "State=DOWN",
        "Reason=off",
      ]);
      await eventually("the job's end", async () =>
        /JobState=NODE_FAIL/.test(await lab.output(["scontrol", "show", "job", job])),
      );
      await lab.bootNode(third);
      await lab.untilIdle();
      const run = ["srun", "--nodelist", third.name, "hostname"];
      assert.equal(await lab.output(run), `${third.name}\n`);
    },
  );

  await t.test(
    "cutFrom() parts two hosts and no others, joinTo() brings them together",
    async () => {
      await first.cutFrom(second);
      assert.equal(await reaches(first, second), false);
      assert.equal(await reaches(second, first), false);
      assert.equal(await reaches(first, third), true);
      await first.joinTo(second);
      assert.equal(await reaches(first, second), true);
    },
  );

  await t.test("linkDown() parts a host from all others until linkUp()", async () => {
    await second.linkDown();
    assert.equal(await reaches(first, second), false);
    await second.linkUp();
    await eventually("the link to be up", () => reaches(first, second));
  });

  await t.test("stopSlurmd() leaves the job's processes alone", async () => {
    await lab.untilIdle();
    const job = await submit(first);
    await lab.stopSlurmd(first);
    assert.deepEqual(first.listeningPorts(), []);
    assert.ok(commands(first).includes("sleep 600"));
    lab.startSlurmd(first);
    await lab.output(["scancel", job]);
    await lab.untilIdle();
  });

  await t.test("process 1 reaps orphans", async () => {
    await first.run(["sh", "-c", orphanMaker]);
    await eventually("the orphan to end", () => !commands(first).includes("sleep 1"));
    const states = await first.output(["ps", "-eo", "stat="]);
    assert.doesNotMatch(states, /Z/);
  });

  await t.test("files of /dev/shm and the temporary directory are the host's own", async () => {
    const file = join(lab.temporaryDirectory, "mine");
    await first.output(["touch", "/dev/shm/mine", file]);
    assert.deepEqual(first.list("/dev/shm"), ["mine"]);
    assert.deepEqual(first.list(lab.temporaryDirectory), ["mine"]);
    assert.deepEqual(second.list("/dev/shm"), []);
    assert.equal(existsSync(file), false);
  });
});

type LabNode = SlurmLab["nodes"][number];

function commands(host: LabNode): readonly string[] {
  return host.processes().map(({ command }) => command);
}

/** Runs a test of its own that starts a lab, and ends it with the signal once the lab is up. */
async function startAndEnd(
  signal: NodeJS.Signals,
): Promise<{ place: LabPlace; exitCode: number | null }> {
  const program = `
    import { startSlurmLab } from ${JSON.stringify(import.meta.resolve("../support/slurm-lab/slurm-lab.ts"))};
    const lab = await startSlurmLab({ nodeCount: 2 });
    console.log(lab.place.directory);
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const directory = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error("It ended before its lab was up")));
  });
  const place = JSON.parse(readFileSync(join(directory, "lab.json"), "utf8")) as LabPlace;
  assert.notDeepEqual(await findTraces(place), []);
  child.kill(signal);
  return { place, exitCode: await exited };
}
