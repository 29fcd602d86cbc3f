import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../errors/mod.ts";
import { chooseDeployment } from "./choose-deployment.ts";
import type { Listing } from "./list-deployments.ts";
import { deploymentStatus } from "./test-support/fake-deployment.ts";

const entry = { path: "/run/x.sock", pid: 7 };
const silent = { entry, error: new PenstockError("DEPLOYMENT_SILENT", { pid: 7, timeoutMs: 10 }) };

function listing(...changes: readonly Parameters<typeof deploymentStatus>[0][]): Listing {
  return {
    deployments: changes.map((change) => ({ entry, status: deploymentStatus(change) })),
    unreachable: [],
  };
}

const three = listing(
  { id: "kabc22", outputDirectory: "/a/outputs" },
  { id: "kabd22", endpoints: { client: ["http://10.0.0.1:9000"], ranks: [] } },
  { id: "4711-n1", endpoints: { client: [], ranks: [] }, slurm: { jobId: "4711", node: 1 } },
);

test("chooseDeployment() takes an id, its beginning, a port, a directory or a job", () => {
  const idOf = (selector: string): string => chooseDeployment(three, selector).status.id;
  assert.equal(idOf("kabc22"), "kabc22");
  assert.equal(idOf("kabd"), "kabd22");
  assert.equal(idOf("9000"), "kabd22");
  assert.equal(idOf("/a/outputs"), "kabc22");
  assert.equal(idOf("/a/b/../outputs/"), "kabc22");
  assert.equal(idOf("4711"), "4711-n1");
});

test("chooseDeployment() takes the only one there is, and none when there are several", () => {
  assert.equal(chooseDeployment(listing({}), undefined).status.id, "kfake2");
  assert.throws(() => chooseDeployment(three, undefined), {
    code: "DEPLOYMENT_AMBIGUOUS",
    message:
      /3 run on this machine[^]*\n {4}kabc22 {2}penstock\/reverse-moe {2}port 8000 {2}\/a\/outputs\n/,
    hint: /--deployment kabc22/,
  });
  assert.throws(() => chooseDeployment(three, "kab"), {
    code: "DEPLOYMENT_AMBIGUOUS",
    message: /"kab" means 2 of them/,
  });
});

test("chooseDeployment() lists what runs when nothing is meant, half a number among it", () => {
  for (const selector of ["zzz", "47", "", "/b"])
    assert.throws(() => chooseDeployment(three, selector), {
      code: "DEPLOYMENT_NOT_FOUND",
      message: /kabd22 .* port 9000/,
    });
  assert.throws(() => chooseDeployment(listing(), undefined), {
    code: "DEPLOYMENT_NOT_FOUND",
    hint: /penstock serve/,
  });
});

test("chooseDeployment() does not guess beside one that hangs, and says when that is the only one", () => {
  const alone: Listing = { deployments: [], unreachable: [silent] };
  assert.throws(() => chooseDeployment(alone, undefined), { code: "DEPLOYMENT_SILENT" });
  const beside: Listing = { ...listing({}), unreachable: [silent] };
  assert.throws(() => chooseDeployment(beside, undefined), { message: /pid 7 {2}does not answer/ });
  assert.equal(chooseDeployment(beside, "kfake2").status.id, "kfake2");
});
