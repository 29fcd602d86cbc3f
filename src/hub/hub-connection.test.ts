import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { HubConnection } from "./hub-connection.ts";
import { id, shortLimits, startHub } from "./test-support/hub-fixture.ts";

const path = "/api/models/org/model/revision/main";

test("HubConnection asks again while the hub is overloaded", async (context) => {
  const { hub, settings, connect } = await startHub(context);
  hub.apiFaults.push(503, 429);
  const response = await connect().ask(`${settings.endpoint}${path}`);
  assert.equal(((await response.json()) as { id: string }).id, "org/model");
  assert.equal(hub.requests.length, 3);
});

test("HubConnection gives up after its tries", async (context) => {
  const { hub, settings, connect } = await startHub(context);
  hub.apiFaults.push(500, 502, 504, 429, 503, 500);
  const failing = connect().ask(`${settings.endpoint}${path}`);
  await assert.rejects(failing, { code: "HUB_UNREACHABLE", message: /the status is 503$/ });
  assert.equal(hub.requests.length, shortLimits.failuresMax);
});

const refusals = [
  [401, "HUB_ACCESS_DENIED", /status 401 .* without an access token/],
  [403, "HUB_ACCESS_DENIED", /status 403/],
  [404, "HUB_MODEL_NOT_FOUND", /has no such model or revision/],
  [418, "HUB_UNREACHABLE", /the status is 418/],
] as const;

for (const [status, code, message] of refusals)
  test(`HubConnection takes status ${status} for an answer, at once`, async (context) => {
    const { hub, settings, connect } = await startHub(context);
    hub.apiFaults.push(status);
    const failing = connect().ask(`${settings.endpoint}${path}`);
    await assert.rejects(failing, { code, message });
    assert.equal(hub.requests.length, 1);
  });

test("HubConnection shows the token to the hub, to no other server and in no message", async (context) => {
  const { hub, settings } = await startHub(context);
  const other = await startHub(context);
  const connection = new HubConnection(id, { ...settings, token: "hush" }, shortLimits);
  await connection.ask(`${settings.endpoint}${path}`);
  await connection.ask(`${other.settings.endpoint}${path}`);
  assert.equal(hub.requests[0]!.authorization, "Bearer hush");
  assert.equal(other.hub.requests[0]!.authorization, undefined);
  hub.apiFaults.push(403);
  const error: unknown = await connection.ask(`${settings.endpoint}${path}`).catch(String);
  assert.match(String(error), /with an access token/);
  assert.doesNotMatch(String(error), /hush/);
});

test("HubConnection bounds the time and the size of an answer", async (context) => {
  const server = createServer((request, response) => {
    response.write("x".repeat(request.url === "/long" ? 5_000 : 1));
    if (request.url === "/long") response.end();
  });
  context.after(() => (server.closeAllConnections(), server.close()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { connect } = await startHub(context);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = connect({ apiMsMax: 50, apiAnswerBytesMax: 1_000 });
  await assert.rejects(connection.ask(`${url}/long`), { code: "HUB_ANSWER_INVALID" });
  await assert.rejects(connection.ask(`${url}/silent`), {
    code: "HUB_UNREACHABLE",
    message: /timeout/,
  });
});

test("HubConnection names what keeps it from the hub", async (context) => {
  const { hub, settings, connect } = await startHub(context);
  await hub[Symbol.asyncDispose]();
  await assert.rejects(connect().ask(`${settings.endpoint}${path}`), {
    code: "HUB_UNREACHABLE",
    message: /ECONNREFUSED/,
    hint: /HF_ENDPOINT/,
  });
});
