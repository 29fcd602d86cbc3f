/** Many clients and ranks that misbehave at once: whatever happens, every lease comes back and the router lives on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { RawClient } from "../test-support/raw-client.ts";
import { type RawWriter, startRawRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { within } from "../test-support/within.ts";

const chunked =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const event = "9\r\ndata: 1\n\n\r\n";

/** What a rank does with a request for the path of that name. */
const rankActs: Readonly<Record<string, (rank: RawWriter) => void>> = {
  answers: ({ write }) => write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
  streams: ({ write }) => write(`${chunked}${event}${event}0\r\n\r\n`),
  closes: ({ end }) => end(),
  resets: ({ reset }) => reset(),
  "closes-within-head": ({ write, end }) => {
    write("HTTP/1.1 200 OK\r\nconte");
    end();
  },
  "closes-within-stream": ({ write, end }) => {
    write(chunked + event);
    end();
  },
  "resets-within-stream": ({ write, reset }) => {
    write(chunked + event);
    setImmediate(reset);
  },
  "talks-nonsense": ({ write }) => write("nonsense\r\n\r\n"),
  "says-too-much": ({ write }) => write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore"),
  "says-nothing": () => undefined,
};

/** What a client does behind the head of its request. */
const clientActs: Readonly<Record<string, (client: RawClient) => void>> = {
  waits: (client) => void client.send("3\r\nabc\r\n0\r\n\r\n"),
  leaves: (client) => void client.socket.destroy(),
  "leaves-within-body": (client) => {
    client.send("3\r\nab");
    setImmediate(() => client.socket.destroy());
  },
  "resets-within-body": (client) => {
    client.send("3\r\nab");
    setImmediate(() => client.socket.resetAndDestroy());
  },
  "breaks-the-body": (client) => void client.send("x\r\n"),
  "sends-no-body": () => undefined,
  "sends-two-more": (client) => {
    const more = "GET /answers HTTP/1.1\r\nhost: x\r\n\r\n";
    client.send(`0\r\n\r\n${more}${more}`);
  },
};

const story = fc.tuple(
  fc.constantFrom(...Object.keys(rankActs)),
  fc.constantFrom(...Object.keys(clientActs)),
);

/** One client's visit. Its connection ends by the rank's, the client's or a time limit's doing. */
async function visit(url: string, [rankAct, clientAct]: readonly [string, string]): Promise<void> {
  using client = new RawClient(url);
  client.send(`POST /${rankAct} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
  clientActs[clientAct]!(client);
  await client.ended();
}

function startActor() {
  return startRawRank((received, writer) => {
    const lastPath = /^[^]*(?:GET|POST) \/(\S+) /.exec(received)?.[1];
    assert.ok(lastPath !== undefined);
    rankActs[lastPath]!(writer);
  });
}

test("Exchange gives back every lease whatever clients and ranks do at once", async () => {
  await using first = await startActor();
  await using second = await startActor();
  await using router = await startTestRouter([first, second], {
    limits: { rankSilenceMsMax: 60, bodyIdleMsMax: 40, idleMsMax: 40, lingerMsMax: 20 },
  });
  await fc.assert(
    fc.asyncProperty(fc.array(story, { minLength: 20, maxLength: 20 }), async (stories) => {
      await within("all visits end", Promise.all(stories.map((one) => visit(router.url, one))));
      await router.settles();
    }),
    { numRuns: 20 },
  );
  assert.equal((await fetch(`${router.url}/health`)).status, 200);
  assert.equal(await (await fetch(`${router.url}/answers`)).text(), "ok");
});
