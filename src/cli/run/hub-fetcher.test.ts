import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { HubServer, readModelFiles } from "../../../test/support/hub/hub-server.ts";
import { runPenstock } from "../../../test/support/run-penstock.ts";

const name = "org/reverse";

/** A hub with the bundled model under another name, and the variables that point at it. */
async function startHub(context: TestContext) {
  const hub = await HubServer.start();
  const home = mkdtempSync(join(tmpdir(), "penstock-hf-"));
  context.after(async () => {
    await hub[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });
  hub.add(name, readModelFiles("models/penstock/reverse-moe"));
  const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint, HF_HUB_OFFLINE: "0" };
  return { hub, home, env };
}

test("hubFetcher() lets fit and plan see a model of the hub, whose weights stay there", async (context) => {
  const { hub, env } = await startHub(context);
  const fit = await runPenstock(["fit", "--model", name], env);
  assert.match(fit.stdout, /^Qwen3MoeForCausalLM fits 1 × H100/m, fit.stderr);
  const words = ["plan", "--engine", "embedded", "--model", name, "--json"];
  const { stdout, stderr } = await runPenstock(words, env);
  const { model } = JSON.parse(stdout) as { model: { source: string } };
  assert.deepEqual(readdirSync(model.source), ["config.json", "generation_config.json"]);
  assert.equal(fit.stderr, "");
  assert.doesNotMatch(stderr, /there is no|downloaded/);
  assert.equal(hub.asked("model.safetensors").length, 0);
});

test("hubFetcher() lets plan go on where the hub does not help, and fit fail", async (context) => {
  const { hub, env } = await startHub(context);
  hub.token = "hf_right";
  const token = { ...env, HF_TOKEN: "hf_wrong" };
  const plan = await runPenstock(["plan", "--engine", "embedded", "--model", name], token);
  assert.equal(plan.exitCode, 0, plan.stderr);
  assert.match(plan.stderr, /^Cannot download the model "org\/reverse": .* status 401/m);
  assert.match(plan.stderr, /^model\.name: there is no "org\/reverse" on this machine/m);
  const fit = await runPenstock(["fit", "--model", name], token);
  assert.equal(fit.exitCode, 1);
  assert.match(fit.stderr, /HUB_ACCESS_DENIED/);
  assert.doesNotMatch(plan.stderr + plan.stdout + fit.stderr, /hf_wrong/);
  assert.equal(
    (await runPenstock(["fit", "--model", name], { ...env, HF_TOKEN: "hf_right" })).exitCode,
    0,
  );
});

test("hubFetcher() leaves the names of vLLM's models to vLLM", async (context) => {
  const { hub, env } = await startHub(context);
  const words = ["plan", "--engine", "vllm", "--model", name, "--json"];
  const { stdout } = await runPenstock(words, env);
  assert.equal((JSON.parse(stdout) as { model: { source: string } }).model.source, name);
  assert.equal(hub.requests.length, 0);
});
