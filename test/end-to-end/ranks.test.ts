/** Ranks come to and leave a running deployment by `penstock ranks`, which finds its router by itself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { findServerPort } from "../support/free-ports.ts";
import { LocalDeployment } from "../support/local-deployment.ts";
import { runPenstock } from "../support/run-penstock.ts";

/** A rank that is up and answers whatever it is asked with its name. */
async function startRank(context: TestContext): Promise<string> {
  const server = createServer((_request, response) => response.end("the new rank"));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("penstock ranks adds a rank to a deployment, drains it, and takes it out again", async (context) => {
  const port = await findServerPort(1);
  const flags = ["--engine", "embedded", "--server.port", String(port)];
  await using deployment = await LocalDeployment.start({
    flags: [...flags, "--router.policy", "round_robin"],
  });
  const env = { PENSTOCK_RUNTIME_DIR: join(deployment.runtimeDirectory, "penstock") };
  const ranks = async (...words: readonly string[]) => {
    const { stdout, stderr, exitCode } = await runPenstock(["ranks", ...words], env);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  const url = await startRank(context);
  const answers = async () => {
    const texts = Array.from({ length: 4 }, async () =>
      (await fetch(`http://127.0.0.1:${port}/version`)).text(),
    );
    return (await Promise.all(texts)).filter((text) => text === "the new rank").length;
  };
  assert.equal(await answers(), 0);
  assert.equal(await ranks("add", url), `Added ${url}\n`);
  await eventually("the new rank to be up", async () => (await answers()) > 0, 30_000);
  assert.match(await ranks("list"), new RegExp(`${url} .*\\bup\\b`));
  await ranks("drain", url);
  assert.equal(await answers(), 0);
  await ranks("remove", url);
  await eventually("the rank to be gone", async () => !(await ranks("list")).includes(url), 30_000);
  const refused = await runPenstock(["ranks", "drain", url], env);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /there is no rank at[^]*ROUTER_ADMIN_REFUSED/);
  assert.equal(await deployment.stop(), 0, deployment.output());
});
