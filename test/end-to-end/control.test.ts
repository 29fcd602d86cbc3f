/** Commands that reach running deployments from another shell. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Deployment, penstockServe, startDeployment } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { isRunning } from "../support/processes.ts";
import { runPenstock } from "../support/run-penstock.ts";
import { startPenstock } from "../support/start-penstock.ts";

// Of this file alone: deployments of other tests run on the same machine.
const runtimeDirectory = mkdtempSync(join(tmpdir(), "penstock-runtime-"));
process.env["PENSTOCK_RUNTIME_DIR"] = runtimeDirectory;
after(() => rmSync(runtimeDirectory, { recursive: true, force: true }));

interface ShownProcess {
  readonly id: string;
  readonly pid: number;
  readonly phase: string;
  readonly restartCount: number;
}

async function processesOf(deployment: Deployment): Promise<readonly ShownProcess[]> {
  const { stdout, stderr } = await runPenstock([
    "status",
    "--json",
    "--deployment",
    String(deployment.port),
  ]);
  assert.equal(stderr, "");
  const { deployments } = JSON.parse(stdout) as {
    readonly deployments: readonly {
      readonly view: { readonly processes: readonly ShownProcess[] };
    }[];
  };
  return deployments[0]!.view.processes;
}

async function ask(deployment: Deployment): Promise<string> {
  const { data } = await deployment.client.models.list();
  const messages = [{ role: "user" as const, content: "Reverse: turbine" }];
  const answer = await deployment.client.chat.completions.create({ model: data[0]!.id, messages });
  return answer.choices[0]!.message.content!;
}

test("status, logs and stop reach one of two deployments, and leave the other alone", async (context) => {
  const first = await startDeployment({ command: penstockServe });
  context.after(() => first.stop());
  const second = await startDeployment({ command: penstockServe });
  context.after(() => second.stop());
  const listed = await runPenstock(["status"]);
  assert.match(listed.stdout, new RegExp(`:${first.port} `));
  assert.match(listed.stdout, new RegExp(`:${second.port} `));

  const port = String(second.port);
  const shown = await runPenstock(["status", "--deployment", port]);
  assert.match(shown.stdout, new RegExp(`Endpoint +${second.url}/v1\n`));
  assert.match(shown.stdout, /\nrank-0 +ready +\d+ +0 /);
  const logs = await runPenstock(["logs", "0", "--deployment", port]);
  assert.match(logs.stdout, /INFO Ready/);
  const following = startPenstock(context, ["logs", "-f", "--deployment", port]);
  await following.shows(/rank-0 +\| .* INFO Ready/);

  const pids = second.pids();
  const stopped = await runPenstock(["stop", "--deployment", port]);
  assert.equal(stopped.exitCode, 0, stopped.stderr);
  assert.match(stopped.stdout, /^Stopped deployment/);
  assert.equal((await second.stop()).exitCode, 0, second.output());
  assert.deepEqual(pids.filter(isRunning), []);
  assert.equal(await following.exited, 0, "following ends with the deployment");
  assert.equal(await ask(first), "enibrut");
  assert.equal((await runPenstock(["stop", "--now"])).exitCode, 0);
  assert.deepEqual(readdirSync(runtimeDirectory), []);
});

test("restart starts a rank anew, which answers again", async (context) => {
  const deployment = await startDeployment({ command: penstockServe, rankCount: 2 });
  context.after(() => deployment.stop());
  const before = await processesOf(deployment);
  const restarted = await runPenstock(["restart", "rank-1"]);
  assert.equal(restarted.exitCode, 0, restarted.stderr);
  assert.match(restarted.stdout, /^Restarted "rank-1"/);
  const now = await processesOf(deployment);
  const [old, fresh] = [before, now].map((all) => all.find(({ id }) => id === "rank-1")!);
  assert.equal(fresh!.phase, "ready");
  assert.notEqual(fresh!.pid, old!.pid);
  assert.equal(fresh!.restartCount, old!.restartCount + 1);
  assert.deepEqual(
    now.filter(({ id }) => id !== "rank-1").map(({ pid }) => pid),
    before.filter(({ id }) => id !== "rank-1").map(({ pid }) => pid),
    "the others were left alone",
  );
  assert.equal(await ask(deployment), "enibrut");
  const unknown = await runPenstock(["restart", "rank-7"]);
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.stderr, /router-0, rank-0, rank-1/);
});

test("a supervisor that hangs is named, and one that was killed is forgotten", async (context) => {
  const deployment = await startDeployment({ command: penstockServe });
  context.after(() => deployment.stop());
  const { pid } = deployment.process;
  deployment.process.kill("SIGSTOP");
  const hanging = await runPenstock(["stop"]);
  assert.equal(hanging.exitCode, 1);
  assert.match(hanging.stderr, new RegExp(`pid ${pid}, has not answered[^]*kill -CONT ${pid}`));
  deployment.process.kill("SIGCONT");
  assert.equal((await runPenstock(["status"])).exitCode, 0);

  deployment.process.kill("SIGKILL");
  await eventually("the supervisor to end", () => !isRunning(pid!) || undefined);
  const gone = await runPenstock(["status"]);
  assert.equal(gone.exitCode, 1);
  assert.match(gone.stderr, /DEPLOYMENT_NOT_FOUND/);
  assert.deepEqual(readdirSync(runtimeDirectory), []);
});
