import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { metricOf } from "../test-support/metric-of.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";

const apiKeys = { key: "secret", from: "a test" } as const;
const authorization = { authorization: "Bearer secret" };

async function statusOf(url: string, key: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  await response.text();
  return response.status;
}

test("KeyGuard keeps requests without a key from everything but /health, in vLLM's words", async () => {
  await using rank = await startRank((_request, response) => response.end("ours"));
  await using router = await startTestRouter([rank], { apiKeys });
  assert.equal((await fetch(`${router.url}/health`)).status, 200);
  for (const path of [
    "/metrics",
    "/v1/models",
    "/tokenize",
    "/",
    "//health",
    "/health/",
    "/HEALTH",
  ]) {
    const bad = await fetch(router.url + path, { headers: { authorization: "Bearer secre" } });
    assert.equal(bad.status, 401, path);
    assert.equal(bad.headers.get("www-authenticate"), "Bearer");
    assert.equal(bad.headers.get("content-type"), "application/json");
    assert.equal(await bad.text(), '{"error":"Unauthorized"}');
    assert.equal((await fetch(router.url + path, { headers: authorization })).status, 200, path);
  }
  assert.equal((await fetch(`${router.url}/health`, { method: "POST" })).status, 401);
  const text = await (await fetch(`${router.url}/metrics`, { headers: authorization })).text();
  assert.equal(metricOf(text, 'penstock_router_requests_total{status="4xx"}'), 8);
});

test("KeyGuard answers before the body is there and asks for none of it", async () => {
  await using rank = await startRank(() => assert.fail("The rank was asked"));
  await using router = await startTestRouter([rank], { apiKeys });
  using client = new RawClient(router.url);
  client.send(
    "POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\nexpect: 100-continue\r\n\r\n",
  );
  const answer = await client.ended();
  assert.match(answer, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assert.match(answer, /\r\nconnection: close\r\n/);
});

test("KeyGuard asks each request of a connection, and takes no two keys", async () => {
  await using rank = await startRank((_request, response) => response.end("ours"));
  await using router = await startTestRouter([rank], { apiKeys });
  using client = new RawClient(router.url);
  const request = (...keys: readonly string[]) =>
    `GET /v1/x HTTP/1.1\r\nhost: x\r\n${keys.map((key) => `authorization: Bearer ${key}\r\n`).join("")}\r\n`;
  client.send(request("secret") + request() + request("secret") + request("secret", "secret"));
  const statuses = [...(await client.ended()).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, one]) => one);
  assert.deepEqual(statuses, ["200", "401", "200", "400"]);
});

test("KeyGuard lets preflights pass, but none with a body", async () => {
  await using rank = await startRank((request, response) => response.end(request.method));
  await using router = await startTestRouter([rank], { apiKeys });
  const preflight = await fetch(`${router.url}/v1/x`, { method: "OPTIONS" });
  assert.equal(await preflight.text(), "OPTIONS");
  const other = await fetch(`${router.url}/v1/x`, { method: "OPTIONS", body: "x" });
  assert.equal(other.status, 401);
});

test("KeyGuard keeps the key from ranks, which see their own where it checks none", async () => {
  const seen: (string | undefined)[] = [];
  await using rank = await startRank((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await using guarded = await startTestRouter([rank], { apiKeys });
  await using open = await startTestRouter([rank]);
  for (const { url } of [guarded, open]) {
    assert.equal((await fetch(`${url}/v1/x`, { headers: authorization })).status, 200);
  }
  assert.deepEqual(seen, [undefined, "Bearer secret"]);
});

test("KeyGuard takes the keys of a file that changes, and keeps them where it cannot be read", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "penstock-guard-"));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, "keys");
  await writeFile(file, "first\nsecond\n", { mode: 0o600 });
  await using rank = await startRank((_request, response) => response.end("ours"));
  const options = { apiKeys: { file }, limits: { fileCheckMs: 1 } };
  await using router = await startTestRouter([rank], options);
  const url = `${router.url}/v1/x`;
  assert.deepEqual([await statusOf(url, "first"), await statusOf(url, "second")], [200, 200]);
  await writeFile(file, "second\nthird\n");
  await eventually("the new key", async () => (await statusOf(url, "third")) === 200);
  assert.deepEqual([await statusOf(url, "first"), await statusOf(url, "second")], [401, 200]);
  await writeFile(file, "not a key\n");
  await eventually("the fault is told", () => router.log.some(({ level }) => level === "error"));
  assert.equal(await statusOf(url, "third"), 200);
  assert.doesNotMatch(JSON.stringify(router.log), /second|third|not a key/);
});
