/** vLLM on this machine, with a stand-in for its program: there is no GPU where the tests run. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type FakeMachineOptions, makeFakeMachine } from "../support/fake-machine.ts";
import { findServerPort } from "../support/free-ports.ts";
import { LocalDeployment, type LocalOptions } from "../support/local-deployment.ts";

const model = "owner/name";
const twoGpus = [
  { total: 81_559, free: 81_000 },
  { total: 81_559, free: 81_000 },
] as const;

interface VllmOptions extends FakeMachineOptions {
  readonly flags?: readonly string[];
  readonly how?: "dies" | "hangs";
}

async function vllm(context: TestContext, options: VllmOptions = {}): Promise<LocalOptions> {
  const directory = mkdtempSync(join(tmpdir(), "penstock-machine-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const bin = makeFakeMachine(directory, { gpus: twoGpus, ...options });
  const port = await findServerPort(2);
  const flags = ["--engine", "vllm", "--model", model, "--server.port", String(port)];
  const env = { PATH: `${bin}:${process.env["PATH"]}`, FAKE_VLLM: options.how ?? "" };
  return { flags: [...flags, ...(options.flags ?? [])], env };
}

test("serve --engine vllm starts, answers and stops, with nothing left of engines that take no hint", async (context) => {
  const options = await vllm(context, { flags: ["--parallel.dp", "2"] });
  await using deployment = await LocalDeployment.start(options);
  assert.ok(deployment.leftovers().some((left) => left.startsWith("/dev/shm/psm_")));
  assert.ok(deployment.leftovers().some((left) => left.startsWith("/tmp/penstock-")));
  const messages = [{ role: "user" as const, content: "Reverse: turbine" }];
  const client = deployment.clientOf(deployment.urls[0]!);
  const { choices } = await client.chat.completions.create({ model, messages });
  assert.equal(choices[0]?.message.content, "enibrut");
  assert.equal(await deployment.stop(), 0);
});

test("kill -9 of serve leaves nothing of vLLM, which does not read its input", async (context) => {
  const options = await vllm(context, { flags: ["--parallel.dp", "2"] });
  await using deployment = await LocalDeployment.start(options);
  deployment.process.kill("SIGKILL");
  await deployment.ended();
});

test("serve names everything that the machine lacks for vLLM at once, and starts nothing", async (context) => {
  const gpus = [{ total: 81_559, free: 10_000 }];
  const options = await vllm(context, { gpus, flags: ["--parallel.dp", "2", "--model", "./none"] });
  await using deployment = new LocalDeployment(options);
  assert.equal(await deployment.ended(), 1);
  const output = deployment.output();
  assert.match(output, /3 things are not as needed/);
  assert.match(output, /GPU 0 .* has 9\.8 of 79\.6 GiB free/);
  assert.match(output, /GPU 1 is wanted/);
  assert.match(output, /the model "\.\/none"/);
  assert.match(output, /VLLM_NOT_READY/);
});

test("a start that hangs before its first process can be stopped all the same", async (context) => {
  await using deployment = new LocalDeployment(await vllm(context, { answersAfterSeconds: 8 }));
  const isAsked = () =>
    deployment.processes().some(({ command }) => command.includes("nvidia-smi"));
  await eventually("nvidia-smi to be asked", isAsked);
  assert.equal(await deployment.stop(), 0);
  assert.match(deployment.output(), /Stopped before the first process was started/);
});

test("vLLM that dies while it loads takes the deployment down with its last words", async (context) => {
  await using deployment = new LocalDeployment(await vllm(context, { how: "dies" }));
  assert.equal(await deployment.ended(), 1);
  assert.match(deployment.output(), /"rank-0" ended with exit code 1[^]*CUDA out of memory/);
});

test("vLLM that never gets ready can be stopped, and nothing is left", async (context) => {
  await using deployment = new LocalDeployment(await vllm(context, { how: "hangs" }));
  await eventually("vLLM to load", () => isLoading(deployment));
  assert.equal(await deployment.stop(), 0);
});

test("kill -9 of serve while vLLM loads leaves nothing of it", async (context) => {
  await using deployment = new LocalDeployment(await vllm(context, { how: "hangs" }));
  await eventually("vLLM to load", () => isLoading(deployment));
  deployment.process.kill("SIGKILL");
  await deployment.ended();
});

function isLoading(deployment: LocalDeployment): boolean {
  return deployment.output().includes("rank-0: load weights");
}
