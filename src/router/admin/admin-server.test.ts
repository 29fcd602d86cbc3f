import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually, within } from "../test-support/within.ts";
import type { RankListing } from "./rank-admin.ts";

interface Reply {
  readonly status: number;
  readonly body: {
    readonly workers?: readonly RankListing[];
    readonly worker?: RankListing;
    readonly error?: { readonly message: string; readonly code: number };
  };
}

async function socketPath(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "penstock-admin-"));
  t.after(() => rm(directory, { recursive: true }));
  return join(directory, "admin.sock");
}

async function ask(socketPath: string, method: string, path: string): Promise<Reply> {
  const asked = request({ socketPath, method, path, agent: false }).end();
  const [response] = (await within("the answer", once(asked, "response"))) as [IncomingMessage];
  return { status: response.statusCode!, body: (await json(response)) as Reply["body"] };
}

async function states(path: string): Promise<readonly string[]> {
  const { body } = await ask(path, "GET", "/list_workers");
  return body.workers!.map(({ url, state }) => `${new URL(url).port} ${state}`);
}

function named(name: string) {
  return startRank((_request, response) => response.end(name));
}

test("startAdminServer() adds, drains and removes ranks of a running router", async (t) => {
  const path = await socketPath(t);
  await using one = await named("one");
  await using two = await named("two");
  await using router = await startTestRouter([one], { adminUds: path });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await ask(path, "GET", "/health"), { status: 200, body: { status: "ok" } });
  const added = await ask(path, "POST", `/add_worker?url=${encodeURIComponent(two.url)}`);
  assert.equal(added.status, 200);
  assert.equal(added.body.worker?.index, 1);
  await eventually("it is up", () => router.status()[1]?.state === "up");
  const answers = new Set<string>();
  await eventually("both answer", async () => {
    answers.add(await (await fetch(router.url)).text());
    return answers.size === 2;
  });
  const drained = await ask(path, "POST", `/drain_worker?url=${one.url}/`);
  assert.equal(drained.body.worker?.state, "draining");
  for (let count = 0; count < 5; count++) {
    assert.equal(await (await fetch(router.url)).text(), "two");
  }
  assert.deepEqual(await states(path), [`${one.port} draining`, `${two.port} up`]);
  assert.equal((await ask(path, "POST", `/remove_worker?url=${one.url}`)).status, 200);
  await eventually("it is gone", async () => (await states(path)).length === 1);
  const third = await ask(path, "POST", `/add_worker?url=${one.url}`);
  assert.equal(third.body.worker?.index, 0);
  assert.deepEqual((await ask(path, "POST", `/add_worker?url=${two.url}`)).status, 409);
});

test("startAdminServer() lets a removed rank finish, or ends its requests at once", async (t) => {
  const path = await socketPath(t);
  const answers: ServerResponse[] = [];
  await using one = await startRank((_request, response) => void answers.push(response));
  await using two = await startRank((_request, response) => void answers.push(response));
  await using router = await startTestRouter([one, two], { adminUds: path });
  const asked = [fetch(router.url), fetch(`${router.url}/2`, { method: "POST" })];
  await eventually("both are at work", () => answers.length === 2);
  const list = await ask(path, "GET", "/list_workers");
  assert.deepEqual(
    list.body.workers?.map(({ inFlight, prefilling, decoding, streams }) => [
      inFlight,
      prefilling,
      decoding,
      streams,
    ]),
    [
      [1, 1, 0, 0],
      [1, 1, 0, 0],
    ],
  );
  await ask(path, "POST", `/remove_worker?url=${one.url}`);
  await ask(path, "POST", `/remove_worker?url=${two.url}`);
  assert.deepEqual(await states(path), [`${one.port} draining`, `${two.port} draining`]);
  await ask(path, "POST", `/remove_worker?url=${two.url}&drain=false`);
  assert.deepEqual(await states(path), [`${one.port} draining`]);
  const closed = await Promise.race(asked);
  assert.ok(closed.status >= 500);
  for (const answer of answers) answer.end("done");
  await Promise.all(asked);
  await eventually("the other one is gone too", async () => (await states(path)).length === 0);
});

test("startAdminServer() says what is wrong with a wish", async (t) => {
  const path = await socketPath(t);
  await using rank = await named("one");
  await using router = await startTestRouter([rank], { adminUds: path });
  const unknown = encodeURIComponent("http://127.0.0.1:1");
  for (const [method, target, status, reason] of [
    ["GET", "/", 404, /no route "\/"/],
    ["GET", "/constructor", 404, /no route/],
    ["GET", "/add_worker?url=x", 405, /takes POST, not GET/],
    ["POST", "/list_workers", 405, /takes GET/],
    ["POST", "/add_worker", 400, /no url/],
    ["POST", "/remove_worker", 400, /no url/],
    ["POST", "/add_worker?url=x", 400, /this is no URL/],
    ["POST", "/add_worker?url=https%3A%2F%2Fx", 400, /the scheme must be http/],
    ["POST", `/add_worker?url=${unknown}&role=king`, 400, /role is "king"/],
    ["POST", `/add_worker?url=${unknown}&index=-1`, 400, /index is "-1"/],
    ["POST", `/add_worker?url=${unknown}&index=0`, 409, /a rank with this index/],
    ["POST", `/add_worker?url=${unknown}&role=decode`, 409, /must have a role or none/],
    ["POST", `/drain_worker?url=${unknown}`, 404, /no rank at/],
    ["POST", `/remove_worker?url=${rank.url}&drain=no`, 400, /drain=no/],
  ] as const) {
    const { status: got, body } = await ask(path, method, target);
    assert.equal(got, status, target);
    assert.match(body.error?.message ?? "", reason);
    assert.equal(body.error?.code, status);
  }
  assert.deepEqual(await states(path), [`${rank.port} up`]);
  assert.equal(await (await fetch(router.url)).text(), "one");
});

test("startAdminServer() takes the place of a socket that a killed router left, and of no other", async (t) => {
  const path = await socketPath(t);
  await using rank = await named("one");
  const first = await startTestRouter([rank], { adminUds: path });
  await assert.rejects(startTestRouter([rank], { adminUds: path }), {
    code: "ROUTER_CANNOT_LISTEN_ON_SOCKET",
  });
  await within("the router closes", first.close());
  await using _second = await startTestRouter([rank], { adminUds: path });
  assert.equal((await ask(path, "GET", "/health")).status, 200);
});
