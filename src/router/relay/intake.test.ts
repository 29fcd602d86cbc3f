import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import * as fc from "fast-check";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouter } from "../test-support/test-router.ts";
import { eventually } from "../test-support/within.ts";

interface Got {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A rank that notes what it gets, and how many requests broke off within their body. */
async function startWitness() {
  const got: Got[] = [];
  let brokenCount = 0;
  const rank = await startRank((request, response) => {
    const onBody = (body: string) => {
      got.push({ headers: request.headers, body });
      response.end("fine");
    };
    void text(request).then(onBody, () => void brokenCount++);
  });
  return {
    got,
    url: rank.url,
    get brokenCount() {
      return brokenCount;
    },
    [Symbol.asyncDispose]: () => rank.kill(),
  };
}

const params = '"kv_transfer_params":{"remote_host":"evil"}';
const type = "content-type: application/json\r\n";

function chunked(body: string, cuts: readonly number[]): string {
  const ends = [...cuts.map((cut) => cut % (body.length + 1)), body.length];
  let framed = "";
  let start = 0;
  for (const end of ends.toSorted((one, other) => one - other)) {
    const piece = body.slice(start, end);
    if (piece !== "") framed += `${piece.length.toString(16)}\r\n${piece}\r\n`;
    start = end;
  }
  return `${framed}0\r\n\r\n`;
}

/** Posts a body with a length or in chunks that end at these places, and gives the answer. */
async function post(
  router: TestRouter,
  body: string,
  {
    path = "/v1/x",
    cuts,
    fields = type,
  }: { readonly path?: string; readonly cuts?: readonly number[]; readonly fields?: string } = {},
): Promise<string> {
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${fields}`;
  using client = new RawClient(router.url);
  if (cuts === undefined) client.send(`${head}content-length: ${body.length}\r\n\r\n${body}`);
  else client.send(`${head}transfer-encoding: chunked\r\n\r\n${chunked(body, cuts)}`);
  return await client.ended();
}

for (const path of [
  "/v1/completions",
  "/v1/chat/completions",
  "/v1/responses",
  "/v1/messages",
  "/inference/v1/generate",
  "/invocations",
]) {
  test(`Intake takes internal fields out of bodies for ${path}, with a length and in chunks`, async () => {
    await using rank = await startWitness();
    await using router = await startTestRouter([rank]);
    const body = `{"a" :1.0,${params},"sampling_params":{"extra_args":{${params},"b":2}},"vllm_xargs":{${params}}}`;
    const wanted = { a: 1, sampling_params: { extra_args: { b: 2 } }, vllm_xargs: {} };
    await post(router, body, { path });
    await post(router, body, { path, cuts: [15, 20, 25] });
    await post(router, body, { path, fields: `content-type: text/plain\r\n${type}` });
    assert.equal(rank.got.length, 3);
    for (const { headers, body: sent } of rank.got) {
      assert.deepEqual(JSON.parse(sent), wanted);
      assert.equal(headers["content-length"], String(sent.length));
      assert.equal(headers["transfer-encoding"], undefined);
    }
    await router.settles();
  });
}

test("Intake passes everything else on byte for byte, in its own framing", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank], { limits: { heldBodyBytesMax: 1_000 } });
  const bodies = [
    '{ "text":"\\"kv_transfer_params\\": {}" }',
    "no JSON",
    "[1]",
    '{"a":NaN}',
    `{"long":"${"x".repeat(5_000)}"}`,
  ];
  for (const body of bodies) {
    await post(router, body);
    await post(router, body, { cuts: [3, 500, 900, 950, 2_000] });
    await post(router, `--x\r\n${params}`, { fields: "content-type: multipart/form-data\r\n" });
  }
  for (const [index, { headers, body }] of rank.got.entries()) {
    const isChunked = index % 3 === 1;
    assert.equal(headers["transfer-encoding"], isChunked ? "chunked" : undefined);
    assert.equal(body, index % 3 === 2 ? `--x\r\n${params}` : bodies[Math.trunc(index / 3)]);
  }
  assert.equal(rank.got.length, 3 * bodies.length);
});

test("Intake asks no rank before a short body is whole", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url);
  client.send(
    `POST /v1/x HTTP/1.1\r\nhost: x\r\n${type}content-length: 4\r\nexpect: 100-continue\r\n\r\n{"a`,
  );
  await client.receives("100 Continue");
  await eventually(
    "its bytes came",
    async () => (await router.metric("penstock_router_received_bytes_total")) === 3,
  );
  assert.equal(router.status()[0]?.inFlight, 0);
  client.socket.destroy();
  await eventually(
    "it is forgotten",
    async () => (await router.metric("penstock_router_client_aborts_total")) === 1,
  );
  assert.equal(rank.got.length + rank.brokenCount, 0);
});

test("Intake refuses what may hold the fields and cannot be read, is too long, or has no type", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank], { limits: { heldBodyBytesMax: 1_000 } });
  const spaces = " ".repeat(2_000);
  const noObject = /^HTTP\/1\.1 400 [^]*its body is no JSON object/;
  const internal = /^HTTP\/1\.1 400 [^]*internal to the deployment, leave them out/;
  assert.match(await post(router, `{${params},"a":NaN}`), noObject);
  assert.match(await post(router, `\u00ef\u00bb\u00bf{${params}}`), noObject);
  assert.match(await post(router, `[{${params}}]`), noObject);
  assert.match(await post(router, `{${params}`), noObject);
  assert.match(await post(router, `{${params},"a":"${spaces}"}`), internal);
  assert.match(await post(router, `{${params}}`, { fields: "" }), internal);
  using utf16 = new RawClient(router.url);
  const bytes = Buffer.from(`{${params}}`, "utf16le");
  utf16.socket.write(
    `POST /v1/x HTTP/1.1\r\nhost: x\r\n${type}content-length: ${bytes.length}\r\n\r\n`,
  );
  utf16.socket.write(bytes);
  await utf16.receives(/^HTTP\/1\.1 400 /);
  assert.equal(rank.got.length + rank.brokenCount, 0);
  await router.settles();
  assert.equal(await (await fetch(router.url)).text(), "fine");
});

test("Intake ends a long request when a field shows in it, and its rank sees no whole body", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank], { limits: { heldBodyBytesMax: 1_000 } });
  const spaces = " ".repeat(100_000);
  for (const cuts of [undefined, [10, 50_000, 100_010, 100_020]]) {
    using client = new RawClient(router.url);
    const body = `{"a":"${spaces}",${params}}`;
    const framing =
      cuts === undefined ? `content-length: ${body.length}` : "transfer-encoding: chunked";
    const framed = cuts === undefined ? body : chunked(body, cuts);
    client.send(
      `POST /v1/x HTTP/1.1\r\nhost: x\r\n${type}${framing}\r\n\r\n${framed.slice(0, 60_000)}`,
    );
    await eventually("the rank has it", () => router.status()[0]?.inFlight === 1);
    client.send(framed.slice(60_000));
    await client.receives(/^HTTP\/1\.1 400 [^]*internal to the deployment, leave them out/);
  }
  await eventually("the rank feels it", () => rank.brokenCount === 2);
  assert.equal(rank.got.length, 0);
  await router.settles();
});

test("Intake carries long bodies through with back-pressure", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank]);
  const body = JSON.stringify({ text: "0123456789".repeat(800_000) });
  const response = await fetch(`${router.url}/v1/x`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  assert.equal(await response.text(), "fine");
  assert.ok(rank.got[0]!.body === body);
  await router.settles();
});

test("Intake gives ranks what JSON.parse() reads without the fields, whatever the body and its framing", async () => {
  await using rank = await startWitness();
  await using router = await startTestRouter([rank]);
  const keys = fc.constantFrom(
    "a",
    "kv_transfer_params",
    "ec_transfer_params",
    "vllm_xargs",
    "kv_",
  );
  const leaf = fc.oneof(
    fc.integer(),
    fc.string({ unit: "grapheme-ascii" }),
    fc.constant("kv_transfer_params"),
  );
  const value = fc.dictionary(keys, fc.oneof(leaf, fc.dictionary(keys, leaf, { maxKeys: 3 })), {
    maxKeys: 4,
  });
  const cuts = fc.option(fc.array(fc.nat(), { maxLength: 5 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(value, cuts, fc.boolean(), async (object, places, isEscaped) => {
      const plain = JSON.stringify(object);
      const body = isEscaped ? plain.replaceAll("kv_", "kv\\u005f") : plain;
      const wanted = JSON.parse(body) as Record<string, Record<string, unknown>>;
      for (const map of [wanted, wanted["vllm_xargs"]]) {
        if (typeof map !== "object") continue;
        delete map["kv_transfer_params"];
        delete map["ec_transfer_params"];
      }
      const answer = await post(router, body, places === undefined ? {} : { cuts: places });
      assert.match(answer, /^HTTP\/1\.1 200 /);
      assert.deepEqual(JSON.parse(rank.got.at(-1)!.body), wanted);
    }),
    { numRuns: 200 },
  );
});
