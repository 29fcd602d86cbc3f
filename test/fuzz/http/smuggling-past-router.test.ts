import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient } from "../../../src/router/test-support/raw-client.ts";
import { startRawRank } from "../../../src/router/test-support/test-rank.ts";
import { startTestRouter } from "../../../src/router/test-support/test-router.ts";
import { type SmugglingCase, smuggledRequests, smuggledResponses } from "./smuggling-cases.ts";

const okAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

test("a router answers requests that hide another with an error and passes nothing of them on", async (t) => {
  let received = "";
  await using rank = await startRawRank((bytes, { write }) => {
    received = bytes;
    write(okAnswer);
  });
  await using router = await startTestRouter([rank], { limits: { lingerMsMax: 50 } });
  for (const smuggled of smuggledRequests) {
    if (smuggled.outcome === "one message") continue;
    await t.test(nameOf(smuggled), async () => {
      received = "";
      using client = new RawClient(router.url);
      const text = await client.send(smuggled.text).ended();
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${smuggled.outcome} `));
      assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, "more than one answer");
      assert.doesNotMatch(received, /evil/);
    });
  }
});

test("a router passes a request that only looks like two on as one", async (t) => {
  let received = "";
  await using rank = await startRawRank((bytes, { write, end }) => {
    received = bytes;
    const isChunked = bytes.includes("\r\ntransfer-encoding: chunked\r\n");
    if (bytes.endsWith(isChunked ? "\r\n0\r\n\r\n" : "Host: evil\r\n\r\n")) {
      write(okAnswer);
      end(); // The next request comes on a connection of its own.
    }
  });
  await using router = await startTestRouter([rank]);
  for (const smuggled of smuggledRequests) {
    if (smuggled.outcome !== "one message") continue;
    await t.test(nameOf(smuggled), async () => {
      using client = new RawClient(router.url);
      await client.send(smuggled.text).receives("ok");
      const [head = "", ...rest] = received.split("\r\n\r\n");
      const isChunked = /\r\ntransfer-encoding: chunked\r\n/.test(`${head}\r\n`);
      const body = rest.join("\r\n\r\n");
      const length = /\r\ncontent-length: (\d+)\r\n/.exec(`${head}\r\n`)?.[1];
      assert.ok(
        isChunked ? received.endsWith("\r\n0\r\n\r\n") : Number(length) === body.length,
        received,
      );
      assert.doesNotMatch(head, /evil/);
    });
  }
});

test("a router gives a client nothing of what hides in a response", async (t) => {
  let answer = "";
  await using rank = await startRawRank((_, { write }) => write(answer));
  await using router = await startTestRouter([rank]);
  for (const smuggled of smuggledResponses) {
    await t.test(nameOf(smuggled), async () => {
      answer = smuggled.text;
      using client = new RawClient(router.url);
      const ask = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
      const text = await client.send(ask).ended();
      // A body that turns out wrong behind a right head is broken off: its client sees that it is not whole.
      assert.ok(
        client.ending === "reset" || text.startsWith("HTTP/1.1 502 "),
        `${client.ending} ${text}`,
      );
      assert.doesNotMatch(text, /HTTP\/1\.1 200 evil/);
    });
  }
});

test("a router passes no trailers of a client on", async () => {
  let received = "";
  await using rank = await startRawRank((bytes, { write }) => {
    received = bytes;
    if (bytes.endsWith("\r\n0\r\n\r\n")) write(okAnswer);
  });
  await using router = await startTestRouter([rank]);
  using client = new RawClient(router.url);
  const head =
    "POST / HTTP/1.1\r\nHost: x\r\nTrailer: X-Evil\r\nTransfer-Encoding: chunked\r\n\r\n";
  const trailers = "x-evil: 1\r\nhost: evil\r\n";
  await client.send(`${head}2\r\nhi\r\n0\r\n${trailers}\r\n`).receives("ok");
  assert.ok(received.endsWith("\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
  assert.doesNotMatch(received, /evil|trailer/i);
  // The connection stands behind them where it should.
  await client.send(`${head}1\r\nx\r\n0\r\n${trailers}\r\n`).receives(/ok.*ok$/s);
});

function nameOf({ family, name }: SmugglingCase): string {
  return `${family}, ${name}`;
}
