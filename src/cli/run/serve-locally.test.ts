import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { findServerPort } from "../../../test/support/free-ports.ts";
import { LocalDeployment } from "../../../test/support/local-deployment.ts";

async function flags(): Promise<readonly string[]> {
  const port = String(await findServerPort(1));
  return ["--engine", "embedded", "--model", "penstock/reverse-dense", "--server.port", port];
}

test("serveLocally() stops what has started when Ctrl-C comes early, with nothing left", async () => {
  await using deployment = new LocalDeployment({ flags: await flags() });
  await eventually("the first process", () => deployment.processes().length > 1);
  assert.equal(await deployment.stop(), 0);
});

test("serveLocally() takes the deployment down when its terminal vanishes, with nothing left", async () => {
  await using deployment = await LocalDeployment.start({ flags: await flags() });
  for (const stream of [deployment.process.stdout!, deployment.process.stderr!]) stream.destroy();
  deployment.process.kill("SIGHUP");
  assert.equal(await deployment.ended(), 0);
});
