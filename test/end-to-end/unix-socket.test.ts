/** A deployment that clients of its machine reach over a Unix socket, with a key, as its own screen says. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { LocalDeployment } from "../support/local-deployment.ts";

const run = promisify(execFile);
const readyMsMax = 120_000;

test("serve on a Unix socket answers the request that it shows, and VLLM_API_KEY guards the router", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-uds-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, "clients.sock");
  const env = { VLLM_API_KEY: "open-sesame", PENSTOCK_API_KEY: "" };
  const flags = ["--engine", "embedded", "--server.uds", socket];
  await using deployment = new LocalDeployment({ flags, env });
  await eventually("the screen", () => deployment.output().includes("Ctrl-C stops"), readyMsMax);
  const shown = deployment.output();
  assert.ok(shown.includes(`Endpoint  unix:${socket}\n`), shown);
  assert.ok(!shown.includes(env.VLLM_API_KEY));
  const command = /curl [^]*?-d '.+'/.exec(shown)![0].replace("curl", "curl -sS --max-time 60");
  const ask = async (variables: NodeJS.ProcessEnv) =>
    (await run("bash", ["-c", command], { env: { ...process.env, ...variables } })).stdout;
  assert.match(await ask(env), /"content":\s*"enibrut"/);
  assert.match(await ask({ VLLM_API_KEY: "another" }), /Unauthorized/);
  deployment.process.kill("SIGTERM");
  assert.equal(await deployment.ended(), 0, deployment.output());
  assert.equal(existsSync(socket), false);
});
