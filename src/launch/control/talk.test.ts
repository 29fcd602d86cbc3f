import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openControl } from "./open-control.ts";
import { askDeployment, askStatus, watchDeployment } from "./talk.ts";
import { fakeControlled, runtimeDirectory } from "./test-support/fake-deployment.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";

const never = new AbortController().signal;

/** A server that answers whatever it is asked with these bytes and hangs up. */
async function answering(context: TestContext, answer: string) {
  const path = join(runtimeDirectory(context), "x.sock");
  const server = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .resume()
      .end(answer),
  );
  server.listen(path);
  await once(server, "listening");
  context.after(() => server.close());
  return { path, pid: 7 };
}

test("askDeployment() carries out a command and throws what the deployment refuses it with", async (context) => {
  const controlled = fakeControlled();
  const control = await openControl(controlled, [runtimeDirectory(context)]);
  const entry = { path: control.socketPath, pid: process.pid };
  assert.deepEqual(await askDeployment(entry, { command: "stop", now: true }), { done: true });
  assert.deepEqual(controlled.calls, ["stop now"]);
  controlled.restart = () => {
    throw Object.assign(new Error("Cannot restart it: no"), {
      name: "PenstockError",
      code: "OF_ANOTHER_VERSION",
      hint: "Do",
    });
  };
  await assert.rejects(askDeployment(entry, { command: "restart", process: "x" }), {
    name: "PenstockError",
    code: "OF_ANOTHER_VERSION",
    message: "Cannot restart it: no",
    hint: "Do",
  });
  await control.close();
  await assert.rejects(askStatus(entry), { code: "DEPLOYMENT_GONE" });
});

test("askDeployment() refuses answers that are none", async (context) => {
  const request = { command: "status" } as const;
  for (const answer of ["HTTP/1.1 200 OK\n", '{"status":{}}\n', "null\n"]) {
    const entry = await answering(context, answer);
    await assert.rejects(askDeployment(entry, request), { code: "CONTROL_ANSWER_INVALID" });
  }
  const done = await answering(context, '{"done":true}\n');
  await assert.rejects(askStatus(done), { code: "CONTROL_ANSWER_INVALID" });
  const mute = await answering(context, '{"done":');
  await assert.rejects(askDeployment(mute, request), { code: "DEPLOYMENT_GONE" });
});

test("watchDeployment() gives every status until the deployment is gone, also by kill -9", async (context) => {
  const supervisor = await startFakeSupervisor(context, runtimeDirectory(context));
  const entry = { path: supervisor.socketPath, pid: supervisor.pid };
  const phases: string[] = [];
  for await (const { view } of watchDeployment(entry, never)) {
    phases.push(view.phase);
    supervisor.process.kill("SIGKILL");
  }
  assert.deepEqual(phases, ["ready"]);
  const again = watchDeployment(entry, never)[Symbol.asyncIterator]();
  await assert.rejects(again.next(), { code: "DEPLOYMENT_GONE" });
});

test("watchDeployment() ends when it is told to, and throws when the supervisor hangs", async (context) => {
  const supervisor = await startFakeSupervisor(context, runtimeDirectory(context));
  const entry = { path: supervisor.socketPath, pid: supervisor.pid };
  const told = new AbortController();
  for await (const _status of watchDeployment(entry, told.signal)) told.abort();
  const hangs = async (): Promise<void> => {
    for await (const _status of watchDeployment(entry, never, 2_000))
      supervisor.process.kill("SIGSTOP");
  };
  await assert.rejects(hangs(), { code: "DEPLOYMENT_SILENT" });
});
