/** Answers of ranks that are right, broken or cut, byte for byte as a client sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient } from "../test-support/raw-client.ts";
import { type RawWriter, startRawRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouterOptions } from "../test-support/test-router.ts";

const get = "GET / HTTP/1.1\r\nhost: x\r\nx-request-id: r\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\n";
/** What the router adds to each answer. */
const addedLines = "x-request-id: r\r\nx-penstock-rank: 0\r\n";

interface Seen {
  readonly received: string;
  readonly ending: "end" | "reset" | undefined;
  readonly brokenCount: number;
}

/** Sends the request to a rank that answers so, and gives what the client saw once its connection has ended. */
async function seeUntilEnd(
  act: (rank: RawWriter) => void,
  request = get,
  options: TestRouterOptions = {},
): Promise<Seen> {
  await using rank = await startRawRank((_received, writer) => act(writer));
  await using router = await startTestRouter([rank], options);
  using client = new RawClient(router.url).send(request);
  const received = await client.ended();
  await router.settles();
  const brokenCount = await router.metric("penstock_router_broken_responses_total");
  return { received, ending: client.ending, brokenCount };
}

/** The same for an answer that breaks off once the client has seen this much of it. */
async function seeBroken(
  answer: string,
  broken: { readonly after: string; readonly by: "end" | "reset"; readonly request?: string },
): Promise<Seen> {
  let writer: RawWriter | undefined;
  await using rank = await startRawRank((_received, { write, end, reset }) => {
    writer = { write, end, reset };
    write(answer);
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url).send(broken.request ?? get);
  await client.receives(broken.after);
  writer![broken.by]();
  const received = await client.ended();
  await router.settles();
  const brokenCount = await router.metric("penstock_router_broken_responses_total");
  return { received, ending: client.ending, brokenCount };
}

/** The same for an answer that leaves the connection open. */
async function seeWhole(answer: string, lastBytes: string, request = get): Promise<string> {
  await using rank = await startRawRank((_received, { write }) => write(answer));
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url).send(request);
  await client.receives(lastBytes);
  await router.settles();
  assert.equal(await router.metric("penstock_router_broken_responses_total"), 0);
  return client.received;
}

test("Download passes a body of known length on", async () => {
  const answer = `${ok}content-length: 3\r\n\r\nabc`;
  assert.equal(await seeWhole(answer, "abc"), `${ok}${addedLines}content-length: 3\r\n\r\nabc`);
});

test("Download passes chunks on as they are, trailers included", async () => {
  const body = "003\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n";
  const head = "transfer-encoding: chunked\r\n\r\n";
  assert.equal(await seeWhole(`${ok}${head}${body}`, body), `${ok}${addedLines}${head}${body}`);
});

test("Download ends a body without a length with the connection", async () => {
  const { received, ending } = await seeUntilEnd(({ write, end }) => {
    write(`${ok}\r\nabc`);
    end();
  });
  assert.equal(received, `${ok}${addedLines}connection: close\r\n\r\nabc`);
  assert.equal(ending, "end");
});

test("Download takes chunks apart for a client of HTTP/1.0", async () => {
  const answer = `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`;
  const request = "GET / HTTP/1.0\r\nconnection: keep-alive\r\nx-request-id: r\r\n\r\n";
  const { received, ending } = await seeUntilEnd(({ write }) => write(answer), request);
  assert.equal(received, `${ok}${addedLines}connection: close\r\n\r\nabcde`);
  assert.equal(ending, "end");
});

test("Download sends no body to HEAD and keeps its length", async () => {
  const head = `${ok}content-length: 3\r\n\r\n`;
  const seen = await seeWhole(head, "\r\n\r\n", get.replace("GET", "HEAD"));
  assert.equal(seen, `${ok}${addedLines}content-length: 3\r\n\r\n`);
});

test("Download keeps interim responses to itself", async () => {
  const answer = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}content-length: 1\r\n\r\na`;
  assert.equal(await seeWhole(answer, "\r\na"), `${ok}${addedLines}content-length: 1\r\n\r\na`);
});

const badAnswers: readonly (readonly [string, string])[] = [
  ["is no HTTP", "SSH-2.0\r\n\r\n"],
  ["has two lengths", `${ok}content-length: 1\r\ncontent-length: 1\r\n\r\na`],
  ["has a length and chunks", `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\na`],
  ["has a bare line feed", "HTTP/1.1 200 OK\n\n"],
  ["has a folded header", `${ok}a: b\r\n c\r\n\r\n`],
  ["changes the protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["has too long a head", `${ok}a: ${"b".repeat(70_000)}`],
  ["has too many headers", `${ok}${"a: b\r\n".repeat(200)}\r\n`],
  ["has too many interim responses", "HTTP/1.1 102 Processing\r\n\r\n".repeat(9)],
];

for (const [what, answer] of badAnswers) {
  test(`Download gives 502 for an answer that ${what}`, async () => {
    const request = get.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    const { received } = await seeUntilEnd(({ write }) => write(answer), request);
    assert.match(received, /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*"type":"BadGateway"/);
  });
}

test("Download does not use a connection again on which more came than the answer", async () => {
  let answerCount = 0;
  await using rank = await startRawRank((_received, { write }) => {
    answerCount++;
    write(`${ok}content-length: 1\r\n\r\na${ok}content-length: 6\r\n\r\npoison`);
  });
  await using router = await startTestRouter([rank], { health: { upIntervalMs: 600_000 } });
  const before = rank.connectionCount;
  using client = new RawClient(router.url);
  for (let number = 1; number <= 3; number++) {
    client.send(get);
    await client.receives(new RegExp(`^(HTTP[^]*?\r\n\r\na){${number}}$`));
  }
  assert.equal(answerCount, 3);
  assert.equal(rank.connectionCount - before, 3);
  assert.ok(!client.received.includes("poison"));
});

const stream = `${ok}content-type: text/event-stream\r\n`;
const chunkedStream = `${stream}transfer-encoding: chunked\r\n\r\n`;

for (const act of ["end", "reset"] as const) {
  test(`Download ends an event stream with an error event when its rank dies, and the connection serves on (${act})`, async () => {
    const writers: RawWriter[] = [];
    await using rank = await startRawRank((_received, writer) => {
      const isFirst = writers.push(writer) === 1;
      writer.write(
        isFirst ? `${chunkedStream}9\r\ndata: 1\n\n\r\n` : `${ok}content-length: 4\r\n\r\nnext`,
      );
    });
    await using router = await startTestRouter([rank]);
    using client = new RawClient(router.url).send(get);
    await client.receives("data: 1\n\n\r\n");
    writers[0]![act]();
    const received = await client.receives(/\r\n0\r\n\r\n$/);
    await client.send(get).receives(/\r\n\r\nnext$/);
    const body = received.slice(received.indexOf("\r\n\r\n") + 4);
    const match =
      /^9\r\ndata: 1\n\n\r\n([0-9a-f]+)\r\n(data: ([^\n]*)\n\ndata: \[DONE\]\n\n)\r\n0\r\n\r\n$/.exec(
        body,
      );
    assert.ok(match !== null, body);
    assert.equal(Number.parseInt(match[1]!, 16), Buffer.byteLength(match[2]!));
    const { error } = JSON.parse(match[3]!) as { error: { message: string; code: number } };
    assert.match(error.message, /rank 0 failed/);
    assert.equal(error.code, 502);
    await router.settles();
    assert.equal(await router.metric("penstock_router_broken_responses_total"), 1);
  });
}

test("Download ends an event stream without a length with an error event when it is reset", async () => {
  const broken = { after: "data: 1\n\n", by: "reset" } as const;
  const { received, ending } = await seeBroken(`${stream}\r\ndata: 1\n\n`, broken);
  assert.match(received, /data: 1\n\ndata: \{"error"[^\n]*\n\ndata: \[DONE\]\n\n$/);
  assert.equal(ending, "end");
});

test("Download gives a client of HTTP/1.0 the error event without chunks", async () => {
  const request = "GET / HTTP/1.0\r\n\r\n";
  const broken = { after: "data: 1\n\n", by: "end", request } as const;
  const { received } = await seeBroken(`${chunkedStream}9\r\ndata: 1\n\n\r\n`, broken);
  assert.match(received, /\r\n\r\ndata: 1\n\ndata: \{"error"[^\n]*\n\ndata: \[DONE\]\n\n$/);
});

const cutAnswers: readonly (readonly [string, string])[] = [
  ["a body of known length", `${ok}content-length: 10\r\n\r\nabc`],
  ["a chunked body", `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`],
  ["an event stream of known length", `${stream}content-length: 99\r\n\r\ndata: 1\n\n`],
  ["an event stream within a chunk", `${chunkedStream}ff\r\ndata: 1\n\n`],
  ["an event stream within an event", `${chunkedStream}7\r\ndata: 1\r\n`],
];

for (const [what, answer] of cutAnswers) {
  test(`Download cuts ${what} that breaks off`, async () => {
    const after = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    const { received, ending, brokenCount } = await seeBroken(answer, { after, by: "end" });
    assert.ok(!received.includes("[DONE]"));
    assert.equal(ending, "reset");
    assert.equal(brokenCount, 1);
  });
}

test("Download cuts a chunked answer whose framing turns bad", async () => {
  const { received, ending } = await seeUntilEnd(({ write }) => {
    write(`${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    setImmediate(() => write("x\r\n"));
  });
  assert.ok(!received.includes("0\r\n\r\n"));
  assert.equal(ending, "reset");
});
