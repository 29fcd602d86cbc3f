/** Many clients, prefill and decode ranks that misbehave at once: every lease and every byte of room comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { prefillAnswer, someParams } from "../test-support/generation-rank.ts";
import { startHandOffRouter } from "../test-support/hand-off-router.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { type RawWriter, startRawRank } from "../test-support/test-rank.ts";
import { within } from "../test-support/within.ts";

const json = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const stream =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** What a rank does with a request whose body names it so, in the field of its role. */
const rankActs: Readonly<Record<string, (rank: RawWriter) => void>> = {
  answers: ({ write }) => write(json(prefillAnswer(someParams))),
  "gives-nothing": ({ write }) => write(json("{}")),
  refuses: ({ write }) => write("HTTP/1.1 400 Bad\r\ncontent-length: 2\r\n\r\n{}"),
  fails: ({ write }) => write("HTTP/1.1 500 Bad\r\ncontent-length: 0\r\n\r\n"),
  closes: ({ end }) => end(),
  resets: ({ reset }) => reset(),
  "closes-behind-head": ({ write, end }) => {
    write(stream);
    setImmediate(end);
  },
  "resets-within-stream": ({ write, reset }) => {
    write(`${stream}9\r\ndata: 1\n\n\r\n`);
    setImmediate(reset);
  },
  "talks-nonsense": ({ write }) => write("nonsense\r\n\r\n"),
  "says-nothing": () => undefined,
};

/** What a client does with the body that it has announced as one chunk. */
const clientActs: Readonly<Record<string, (client: RawClient, body: string) => void>> = {
  waits: (client, body) => void client.send(`${body}\r\n0\r\n\r\n`),
  leaves: (client) => void client.socket.destroy(),
  "leaves-within-body": (client, body) => {
    client.send(body.slice(0, 5));
    setImmediate(() => client.socket.destroy());
  },
  "leaves-behind-body": (client, body) => {
    client.send(`${body}\r\n0\r\n\r\n`);
    setImmediate(() => client.socket.resetAndDestroy());
  },
  "breaks-the-body": (client, body) => void client.send(`${body}x`),
  "sends-no-json": (client, body) => void client.send(`${body.slice(1)}x\r\n0\r\n\r\n`),
  "sends-nothing": () => undefined,
};

const actNames = fc.constantFrom(...Object.keys(rankActs));
const story = fc.tuple(actNames, actNames, fc.constantFrom(...Object.keys(clientActs)));

/** One client's visit. Its connection ends by a rank's, the client's or a time limit's doing. */
async function visit(
  url: string,
  [prefill, decode, client]: readonly [string, string, string],
): Promise<void> {
  using raw = new RawClient(url);
  const body = JSON.stringify({ prompt: "a", prefill, decode });
  const size = body.length.toString(16);
  const head = "POST /v1/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
  raw.send(`${head}${size}\r\n`);
  clientActs[client]!(raw, body);
  await raw.ended();
}

function startActor(role: "prefill" | "decode") {
  const pattern = new RegExp(`^[^]*"${role}":"([a-z-]+)"[^]*\\}$`);
  return startRawRank((received, writer) => {
    const act = pattern.exec(received)?.[1]; // The last request's, once its body is whole.
    if (act !== undefined) rankActs[act]!(writer);
  });
}

test("HandOff gives back every lease and all room whatever clients and ranks do at once", async () => {
  await using firstPrefill = await startActor("prefill");
  await using secondPrefill = await startActor("prefill");
  await using firstDecode = await startActor("decode");
  await using secondDecode = await startActor("decode");
  const handOffBytesMax = 4_096;
  await using router = await startHandOffRouter(
    { prefill: [firstPrefill, secondPrefill], decode: [firstDecode, secondDecode] },
    {
      limits: {
        handOffBytesMax,
        prefillSilenceMsMax: 60,
        rankSilenceMsMax: 60,
        rankWaitMsMax: 200,
        bodyIdleMsMax: 40,
        idleMsMax: 40,
        lingerMsMax: 20,
      },
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(story, { minLength: 20, maxLength: 20 }), async (stories) => {
      await within("all visits end", Promise.all(stories.map((one) => visit(router.url, one))));
      await router.settles();
    }),
    { numRuns: 20 },
  );
  const prompt = { prompt: "a", prefill: "answers", decode: "gives-nothing" };
  const filler = "x".repeat(handOffBytesMax - JSON.stringify({ ...prompt, filler: "" }).length);
  const last = await router.post({ filler, ...prompt });
  assert.equal(last.status, 200, "all room is free again");
  assert.equal(await last.text(), "{}");
  assert.equal(await router.metric("penstock_router_requests_waiting"), 0);
});
