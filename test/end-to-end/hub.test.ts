/** A model by its name on the hub: downloaded, served, and neither lost nor spoilt by whatever ends a download. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { repositoryRoot } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";
import { HubServer, readModelFiles } from "../support/hub/hub-server.ts";
import { LocalDeployment } from "../support/local-deployment.ts";

const name = "org/reverse";
const weights = "model.safetensors";
const timeout = 300_000;

async function startHub(context: TestContext) {
  const hub = await HubServer.start();
  const home = mkdtempSync(join(tmpdir(), "penstock-hf-"));
  context.after(async () => {
    await hub[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });
  const commit = hub.add(
    name,
    readModelFiles(join(repositoryRoot, "models/penstock/reverse-dense")),
  );
  const root = join(home, "hub", "models--org--reverse");
  const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint, HF_HUB_OFFLINE: "0" };
  return { hub, env, blobs: join(root, "blobs"), snapshot: join(root, "snapshots", commit) };
}

async function serve(env: NodeJS.ProcessEnv): Promise<LocalDeployment> {
  const port = await findServerPort(1);
  const flags = ["--model.name", name, "--engine", "embedded", "--server.port", String(port)];
  return new LocalDeployment({ flags, env });
}

async function assertAnswers(deployment: LocalDeployment): Promise<void> {
  await deployment.ready();
  const answer = await deployment.clientOf(deployment.urls[0]!).chat.completions.create({
    model: name,
    messages: [{ role: "user", content: "Reverse: turbine" }],
    temperature: 0,
  });
  assert.equal(answer.choices[0]?.message.content, "enibrut", deployment.output());
}

test(
  "serve downloads a model, goes on after a kill -9, and needs no hub any more",
  { timeout },
  async (context) => {
    const { hub, env, blobs, snapshot } = await startHub(context);
    hub.faults.set(weights, [{ afterBytes: 1_000_000, ends: "silent" }]);
    let received = 0;
    {
      await using first = await serve(env);
      received = await eventually("a part of the weights to be here", () => {
        const partial = existsSync(blobs)
          ? readdirSync(blobs).find((file) => /^[0-9a-f]{64}\.incomplete$/.test(file))
          : undefined;
        const bytes = partial === undefined ? 0 : statSync(join(blobs, partial)).size;
        return bytes === 1_000_000 ? bytes : undefined;
      });
      first.process.kill("SIGKILL");
      await first.ended();
      assert.match(first.output(), /^org\/reverse: downloaded \d+ % of 1\.66 MB$/m);
    }
    assert.equal(existsSync(join(snapshot, weights)), false);
    {
      await using second = await serve(env);
      await assertAnswers(second);
      assert.equal(await second.stop(), 0);
      assert.match(second.output(), /^org\/reverse: downloaded 100 % of 1\.66 MB$/m);
    }
    assert.equal(hub.asked(weights).at(-1)!.range, `bytes=${received}-`);
    assert.ok(readdirSync(blobs).every((file) => !file.endsWith(".incomplete")));
    const requestCount = hub.requests.length;
    await using third = await serve({ ...env, HF_HUB_OFFLINE: "1" });
    await assertAnswers(third);
    assert.equal(await third.stop(), 0);
    assert.equal(hub.requests.length, requestCount);
  },
);

test("two deployments that start at once download a model once", { timeout }, async (context) => {
  const { hub, env } = await startHub(context);
  hub.faults.set(weights, [{ afterBytes: 500_000, ends: "cut" }]);
  await using one = await serve(env);
  await using other = await serve(env);
  await Promise.all([assertAnswers(one), assertAnswers(other)]);
  assert.deepEqual([await one.stop(), await other.stop()], [0, 0]);
  const ranges = hub.asked(weights).filter(({ server }) => server === "content");
  assert.equal(ranges.length, 2, "one answer was cut, and whoever downloads asked for the rest");
});
