/** Starting and stopping as a user does it: nothing is left behind, whoever is stopped and however. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { npmStart, penstockServe, startDeployment } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { descendantsOf, isRunning } from "../support/processes.ts";
import { runToEnd } from "../support/run-to-end.ts";

test("npm start shows model, engine, endpoints and a curl line that works, and SIGINT ends all of it", async () => {
  const deployment = await startDeployment({ command: npmStart });
  const output = await eventually("the screen", () =>
    deployment.output().includes("curl") ? deployment.output() : undefined,
  );
  assert.match(output, /penstock\/reverse-moe/);
  assert.match(output, /embedded/);
  const [, url, body] = /curl (\S+) [^]*-d '(.+)'/.exec(output) ?? [];
  assert.equal(url, `${deployment.url}/v1/chat/completions`);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: body! });
  assert.match(await answer.text(), /"content":\s*"enibrut"/);
  const pids = deployment.pids();
  assert.ok(pids.length >= 3, "npm, router and rank at least");
  await deployment.stop();
  assert.deepEqual(pids.filter(isRunning), []);
});

test("serve ends with exit code 0 on SIGTERM", async () => {
  const deployment = await startDeployment({ command: penstockServe });
  deployment.process.kill("SIGTERM");
  const { exitCode } = await deployment.stop();
  assert.equal(exitCode, 0, deployment.output());
});

test("kill -9 of serve leaves no process behind", async () => {
  const deployment = await startDeployment({ command: penstockServe, rankCount: 2 });
  const pids = deployment.pids();
  deployment.process.kill("SIGKILL");
  await eventually(
    "every process to end",
    () => pids.every((pid) => !isRunning(pid)) || undefined,
    15_000,
  );
  await deployment.stop();
});

test("a rank that dies and may not start again takes the deployment down, with the rank named", async () => {
  const flags = ["--deployment.max-restarts", "0"];
  const deployment = await startDeployment({ command: penstockServe, rankCount: 2, flags });
  const rank = descendantsOf(deployment.process.pid!).find(({ command }) =>
    command.includes(`--port ${deployment.port + 101} `),
  );
  assert.ok(rank !== undefined, "the process of rank 1");
  process.kill(rank.pid, "SIGKILL");
  await eventually("serve to end", () => !isRunning(deployment.process.pid!) || undefined, 15_000);
  const { exitCode } = await deployment.stop();
  assert.equal(exitCode, 1);
  assert.match(deployment.output(), /"rank-1" was ended by signal SIGKILL[^]*PROCESS_ENDED/);
});

test("--dry-run prints the plan and starts nothing", async () => {
  const { exitCode, output } = await runToEnd([
    ...penstockServe,
    "--parallel.dp",
    "2",
    "--dry-run",
  ]);
  assert.equal(exitCode, 0, output);
  assert.match(output, /"rank-1"/);
  assert.match(output, /"--worker-urls"/);
});

test("mistakes in flags are shown together, with exit code 2", async () => {
  const { exitCode, output } = await runToEnd([
    ...penstockServe,
    "--server.prot",
    "8001",
    "--parallel.dp",
    "none",
  ]);
  assert.equal(exitCode, 2, output);
  assert.match(output, /server\.prot/);
  assert.match(output, /server\.port/, "did you mean");
  assert.match(output, /parallel\.dp/);
});
