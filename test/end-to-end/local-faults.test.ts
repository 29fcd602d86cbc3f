/** What goes wrong on one machine: the service goes on or ends with its cause, and nothing is ever left. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { askReverse } from "../support/ask-reverse.ts";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";
import { LocalDeployment, type LocalOptions } from "../support/local-deployment.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const model = "penstock/reverse-dense";

async function embedded(port?: number): Promise<LocalOptions> {
  const serverPort = String(port ?? (await findServerPort(2)));
  const flags = ["--engine", "embedded", "--model", model, "--server.port", serverPort];
  return { flags: [...flags, "--parallel.dp", "2"] };
}

async function answers(deployment: LocalDeployment): Promise<void> {
  await askReverse(new URL(deployment.urls[0]!).origin, "turbine", { model });
}

/** Kills the process, and waits for another in its place that is ready. */
async function killAndAwait(
  deployment: LocalDeployment,
  ...words: readonly string[]
): Promise<void> {
  const { pid } = deployment.processWith(...words);
  process.kill(pid, "SIGKILL");
  await eventually("another process in its place", () => {
    const [found] = deployment.processes().filter(({ command }) => command.includes(words[0]!));
    return (found !== undefined && found.pid !== pid) || undefined;
  });
  await eventually("every rank to be up again", () => deployment.seesEveryRank());
}

test("a rank and a router that are killed come back while the service goes on", async () => {
  await using deployment = await LocalDeployment.start(await embedded());
  const port = Number(new URL(deployment.urls[0]!).port);
  const gone = killAndAwait(deployment, ` engine `, `--port ${port + 101} `);
  await answers(deployment);
  await gone;
  await answers(deployment);
  await killAndAwait(deployment, " router ");
  await answers(deployment);
  assert.equal(await deployment.stop(), 0);
});

test("two deployments in one output directory know nothing of each other, and kill -9 of one ends it alone", async (context) => {
  const outputDirectory = mkdtempSync(join(tmpdir(), "penstock-outputs-"));
  context.after(() => rmSync(outputDirectory, { recursive: true, force: true }));
  await using one = new LocalDeployment({ ...(await embedded()), outputDirectory });
  await using other = new LocalDeployment({ ...(await embedded()), outputDirectory });
  await Promise.all([one.ready(), other.ready()]);
  await Promise.all([answers(one), answers(other)]);
  assert.deepEqual(readdirSync(join(outputDirectory, "logs")).toSorted(), [
    "attempt_0",
    "attempt_1",
    "latest",
  ]);
  one.process.kill("SIGKILL");
  await one.ended({ hasNeighbour: true });
  await answers(other);
  assert.equal(await other.stop(), 0);
});

/** A deployment of two ranks that are held back while somebody takes the port of the second one. */
async function whosePortIsTaken(
  context: TestContext,
  wish: { readonly port: number; readonly flags: readonly string[] },
): Promise<LocalDeployment> {
  const directory = mkdtempSync(join(tmpdir(), "penstock-wait-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const go = join(directory, "go");
  const program = join(import.meta.dirname, "..", "support", "programs", "waits-for-file.ts");
  const { flags } = await embedded(wish.port);
  const env = { NODE_OPTIONS: `--import=${program}`, WAIT_IN: " engine ", WAIT_FOR: go };
  const deployment = new LocalDeployment({ flags: [...flags, ...wish.flags], env });
  const isEngine = ({ command }: { readonly command: string }) => command.includes(" engine ");
  try {
    await eventually(
      "both ranks to be held back",
      () => deployment.processes().filter(isEngine).length === 2,
    );
    const holder = createServer().listen(wish.port + 101, "127.0.0.1");
    context.after(() => holder.close());
    await once(holder, "listening");
    writeFileSync(go, "");
    return deployment;
  } catch (error) {
    await deployment[Symbol.asyncDispose]();
    throw error;
  }
}

test("a fixed port that is taken between the check and the start is the cause, with its holder", async (context) => {
  const port = await findServerPort(2);
  const fixed = ["--deployment.backend-port", String(port + 100)];
  await using deployment = await whosePortIsTaken(context, { port, flags: fixed });
  assert.equal(await deployment.ended(), 1);
  const output = deployment.output();
  assert.match(output, new RegExp(`port ${port + 101} is already in use by pid ${process.pid} `));
  assert.match(output, /PORT_IN_USE, named by "rank-1"/);
  assert.equal(output.match(/Cannot /g)?.length, 1, output);
});

test("a port that nobody has fixed and that is taken between the check and the start is another one then", async (context) => {
  const port = await findServerPort(3);
  await using deployment = await whosePortIsTaken(context, { port, flags: [] });
  await deployment.ready();
  assert.match(deployment.output(), /A port was taken while the deployment started/);
  assert.match(deployment.output(), new RegExp(`127\\.0\\.0\\.1:${port + 102}\\n`));
  await answers(deployment);
  assert.equal(await deployment.stop(), 0);
});

test("a disk that is full before the start is the cause, and nothing is started", async (context) => {
  using disk = mountSmallDisk(65_536);
  if (disk === undefined) return context.skip("only root may mount a small disk");
  disk.fill();
  const outputDirectory = join(disk.directory, "outputs");
  await using deployment = new LocalDeployment({ ...(await embedded()), outputDirectory });
  assert.equal(await deployment.ended(), 1);
  assert.match(deployment.output(), /ENOSPC[^]*--output-dir[^]*OUTPUT_DIR_NOT_WRITABLE/);
});

test("a disk that gets full costs log lines, never the service", async (context) => {
  using disk = mountSmallDisk(262_144);
  if (disk === undefined) return context.skip("only root may mount a small disk");
  const outputDirectory = join(disk.directory, "outputs");
  const { flags } = await embedded();
  const options = { flags: [...flags, "--log.level", "debug"], outputDirectory };
  await using deployment = await LocalDeployment.start(options);
  disk.fill();
  for (let count = 0; count < 3; count++) await answers(deployment);
  assert.equal(await deployment.stop(), 0);
});
