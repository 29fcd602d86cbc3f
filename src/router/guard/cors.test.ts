import assert from "node:assert/strict";
import { test } from "node:test";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";

const origin = "https://page.example";

/** A rank that lets in all pages, as vLLM does unasked. */
function startOpenRank() {
  return startRank((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-credentials", "true");
    response.setHeader("vary", "accept-encoding");
    response.end(`got ${request.method}`);
  });
}

function preflight(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  const asks = { "access-control-request-method": "POST", ...headers };
  return fetch(`${url}/v1/chat/completions`, { method: "OPTIONS", headers: asks });
}

function corsFields({ headers }: Response): readonly string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-"));
}

test("Cors is off unless origins are given, also where a rank lets in all", async () => {
  await using rank = await startOpenRank();
  await using router = await startTestRouter([rank]);
  const answer = await fetch(`${router.url}/v1/models`, { headers: { origin } });
  assert.deepEqual(corsFields(answer), []);
  assert.equal(answer.headers.get("vary"), "accept-encoding");
  const asked = await preflight(router.url, { origin });
  assert.deepEqual(corsFields(asked), []);
});

test("Cors lets pages of its origins read answers, whoever gives them", async () => {
  await using rank = await startOpenRank();
  const apiKeys = { key: "secret", from: "a test" };
  await using router = await startTestRouter([rank], { allowedOrigins: [origin], apiKeys });
  const key = { authorization: "Bearer secret" };
  for (const [path, headers, status] of [
    ["/v1/models", key, 200],
    ["/v1/models", {}, 401],
    ["/health", {}, 200],
    ["/pause", key, 404],
  ] as const) {
    const answer = await fetch(router.url + path, { headers: { origin, ...headers } });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /x-request-id/);
    assert.match(answer.headers.get("vary") ?? "", /origin/);
    assert.equal(answer.headers.has("access-control-allow-credentials"), false);
  }
  for (const other of ["https://evil.example", "null", `${origin}.evil`, `${origin}/`]) {
    const answer = await fetch(`${router.url}/health`, { headers: { origin: other } });
    assert.deepEqual(corsFields(answer), [], other);
    assert.match(answer.headers.get("vary") ?? "", /origin/);
  }
  assert.deepEqual(corsFields(await fetch(`${router.url}/health`)), []);
});

test("Cors answers preflights itself, without a key, and passes on other OPTIONS", async () => {
  await using rank = await startOpenRank();
  const apiKeys = { key: "secret", from: "a test" };
  await using router = await startTestRouter([rank], { allowedOrigins: [origin], apiKeys });
  const names = "authorization, content-type,x-session-id";
  const good = await preflight(router.url, { origin, "access-control-request-headers": names });
  assert.equal(good.status, 200);
  assert.equal(await good.text(), "OK");
  assert.equal(good.headers.get("access-control-allow-origin"), origin);
  assert.match(good.headers.get("access-control-allow-methods") ?? "", /POST/);
  assert.equal(good.headers.get("access-control-allow-headers"), names);
  assert.equal(good.headers.get("access-control-max-age"), "600");
  const odd = await preflight(router.url, { origin, "access-control-request-headers": "a b" });
  assert.equal(odd.headers.has("access-control-allow-headers"), false);
  const bad = await preflight(router.url, { origin: "https://evil.example" });
  assert.equal(bad.status, 400);
  assert.deepEqual(corsFields(bad), []);
  const plain = await fetch(`${router.url}/v1/x`, { method: "OPTIONS", headers: { origin } });
  assert.equal(await plain.text(), "got OPTIONS");
});

test("Cors lets in any page where it is told so, and each request of a connection by itself", async () => {
  await using rank = await startOpenRank();
  await using router = await startTestRouter([rank], { allowedOrigins: ["*"] });
  const first = await fetch(`${router.url}/v1/models`, { headers: { origin } });
  assert.equal(first.headers.get("access-control-allow-origin"), "*");
  await first.text();
  const second = await fetch(`${router.url}/v1/models`);
  assert.deepEqual(corsFields(second), []);
});
