import assert from "node:assert/strict";
import { test } from "node:test";
import { PenstockError } from "../../errors/mod.ts";
import type { DeploymentSource } from "./deployment-source.ts";
import type { Listing } from "./list-deployments.ts";
import { openSource } from "./open-source.ts";
import { deploymentStatus } from "./test-support/fake-deployment.ts";

const openJob = (id: string) => Promise.resolve({ name: `opened ${id}` } as DeploymentSource);
const entry = { path: "/run/x.sock", pid: 7 };
const listing: Listing = {
  deployments: [
    { entry, status: deploymentStatus({ id: "kabc22" }) },
    { entry, status: deploymentStatus({ id: "4711-n1", slurm: { jobId: "4711", node: 1 } }) },
  ],
  unreachable: [],
};

function open(wish: { readonly deployment?: string; readonly job?: string }) {
  const { deployment, job } = wish;
  return openSource({ deployment, job, openJob }, listing).then(({ name }) => name);
}

test("openSource() asks the scheduler for a number that nothing of this machine goes by", async () => {
  assert.equal(await open({ job: "12" }), "opened 12");
  assert.equal(await open({ job: "12_3" }), "opened 12_3");
  assert.equal(await open({ deployment: "12" }), "opened 12");
  assert.equal(await open({ job: "4711" }), 'deployment "4711-n1"');
  assert.equal(await open({ deployment: "4711" }), 'deployment "4711-n1"');
});

test("openSource() never takes the number of a job for a port", async () => {
  assert.equal(await open({ job: "8000" }), "opened 8000");
  const one: Listing = { ...listing, deployments: listing.deployments.slice(0, 1) };
  const named = await openSource({ deployment: "8000", job: undefined, openJob }, one);
  assert.equal(named.name, 'deployment "kabc22"');
});

test("openSource() lists what runs here where a port stands instead of a job that is not there", async () => {
  const openJob = () => Promise.reject(new Error("no such job"));
  const open = (job: string) => openSource({ deployment: undefined, job, openJob }, listing);
  await assert.rejects(open("8000"), { code: "DEPLOYMENT_NOT_FOUND", message: /port 8000/ });
  await assert.rejects(open("12"), /no such job/);
});

test("openSource() speaks of deployments alone where there is no Slurm", async () => {
  const openJob = () =>
    Promise.reject(new PenstockError("SBATCH_MISSING", { program: "scontrol" }));
  const open = openSource({ deployment: "12", job: undefined, openJob }, listing);
  await assert.rejects(open, { code: "DEPLOYMENT_NOT_FOUND", message: /port 8000/ });
});

test("openSource() takes other words as names of deployments", async () => {
  assert.equal(await open({ job: "kabc" }), 'deployment "kabc22"');
  await assert.rejects(open({ deployment: "nope" }), { code: "DEPLOYMENT_NOT_FOUND" });
  await assert.rejects(open({}), { code: "DEPLOYMENT_AMBIGUOUS" });
});
