import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test, type TestContext } from "node:test";
import { runPenstock } from "../../../test/support/run-penstock.ts";
import {
  fakeControlled,
  runtimeDirectory,
} from "../../launch/control/test-support/fake-deployment.ts";
import { openControl } from "../../launch/mod.ts";
import { startFakeRouter } from "../test-support/fake-router.ts";

/** A running deployment with these admin sockets; gives the environment in which commands find it. */
async function deploymentWith(
  context: TestContext,
  adminSockets: readonly string[],
  host = hostname(),
) {
  const directory = runtimeDirectory(context);
  const status = { id: "kabc22", hostname: host, adminSockets };
  const control = await openControl(fakeControlled(status), [directory]);
  context.after(() => control.close());
  return { PENSTOCK_RUNTIME_DIR: directory };
}

test("penstock ranks list shows the ranks of the only deployment, as a table or JSON", async (context) => {
  const router = await startFakeRouter(context);
  const env = await deploymentWith(context, [router.socketPath]);
  const workers = [{ url: "http://127.0.0.1:8100", state: "up", inFlight: 2 }];
  router.answer = { status: 200, body: JSON.stringify({ workers }) };
  const table = await runPenstock(["ranks", "list"], env);
  assert.equal(table.exitCode, 0, table.stderr);
  assert.match(table.stdout, /^URL +STATE +IN FLIGHT\nhttp:\/\/127\.0\.0\.1:8100 +up +2\n$/);
  const json = await runPenstock(["ranks", "list", "--json", "--deployment", "kabc"], env);
  assert.deepEqual(JSON.parse(json.stdout), { workers });
  assert.deepEqual(router.asked, ["GET /list_workers", "GET /list_workers"]);
});

test("penstock ranks add, drain and remove ask the router that is named", async (context) => {
  const router = await startFakeRouter(context);
  const env = { PENSTOCK_RUNTIME_DIR: runtimeDirectory(context) };
  const at = ["--admin-uds", router.socketPath];
  const url = "http://10.0.0.3:8100";
  const added = await runPenstock(
    ["ranks", "add", ...at, "--role", "decode", "--index", "3", `${url}/`],
    env,
  );
  assert.equal(added.stdout, `Added ${url}\n`, added.stderr);
  const drained = await runPenstock(["ranks", "drain", ...at, url], env);
  assert.match(drained.stdout, /^Draining http:\/\/10\.0\.0\.3:8100: it gets no new requests\n/);
  router.answer = { status: 200, body: '{"removed":1}' };
  const left = await runPenstock(["ranks", "remove", ...at, "--json", url], env);
  assert.equal(left.stdout, '{"removed":1}\n');
  const removed = await runPenstock(["ranks", "remove", ...at, "--now", url], env);
  assert.equal(removed.stdout, `Removed ${url}\n`);
  const query = "url=http%3A%2F%2F10.0.0.3%3A8100";
  assert.deepEqual(router.asked, [
    `POST /add_worker?${query}&role=decode&index=3`,
    `POST /drain_worker?${query}`,
    `POST /remove_worker?${query}`,
    `POST /remove_worker?${query}&drain=false`,
  ]);
});

test("penstock ranks says what the router does not do, and why", async (context) => {
  const router = await startFakeRouter(context);
  const at = ["--admin-uds", router.socketPath];
  router.answer = {
    status: 409,
    body: '{"error":{"message":"Cannot do it: it has this rank already"}}',
  };
  const refused = await runPenstock(["ranks", "add", ...at, "http://a:1"]);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /"add_worker": it has this rank already[^]*ROUTER_ADMIN_REFUSED/);
  router.answer = { status: 200, body: '{"workers":3}' };
  const odd = await runPenstock(["ranks", "list", ...at]);
  assert.match(odd.stderr, /holds no list of ranks[^]*ROUTER_ADMIN_REFUSED/);
});

test("penstock ranks needs one router, and says where there is none or several", async (context) => {
  const none = await runPenstock(["ranks", "list"], {
    PENSTOCK_RUNTIME_DIR: runtimeDirectory(context),
  });
  assert.match(none.stderr, /none of yours runs[^]*DEPLOYMENT_NOT_FOUND/);
  const foreign = await runPenstock(["ranks", "list"], await deploymentWith(context, []));
  assert.match(foreign.stderr, /"kabc22".*no router of Penstock's own[^]*ADMIN_SOCKET_NOT_FOUND/);
  const far = await runPenstock(["ranks", "list"], await deploymentWith(context, ["/a"], "x9"));
  assert.match(far.stderr, /its routers run on x9\n +Run the command on x9/);
  const two = await runPenstock(["ranks", "list"], await deploymentWith(context, ["/a", "/b"]));
  assert.match(two.stderr, /it has 2[^]*\n +\/a\n +\/b\n[^]*ADMIN_SOCKET_AMBIGUOUS/);
  const twice = await runPenstock(["ranks", "list", "--admin-uds", "/a", "--deployment", "k"]);
  assert.equal(twice.exitCode, 2);
  const gone = await runPenstock(["ranks", "list", "--admin-uds", "/nowhere/admin.sock"]);
  assert.equal(gone.exitCode, 1);
  assert.match(gone.stderr, /"\/nowhere\/admin\.sock": .*ENOENT[^]*ROUTER_ADMIN_SILENT/);
});
