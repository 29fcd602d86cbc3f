/**
 * Differential fuzzing of request parsing against Node's own server (llhttp, strict). Whatever is accepted here
 * must be accepted there too, apart from the list below, and must mean the same: same line, same headers, same body.
 */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import * as fc from "fast-check";
import { within } from "../test-support/within.ts";
import { HeadScanner } from "./head-scanner.ts";
import { openBody } from "./open-body.ts";
import { Refusal } from "./refusal.ts";
import { parseRequestHead } from "./request-head.ts";

interface Meaning {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Names in lower case and values, alternating. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** What this router accepts and Node does not, with the reason. */
const knownDifferences: readonly {
  readonly reason: string;
  readonly holds: (text: string) => boolean;
}[] = [
  {
    reason: "Node has a list of methods; here any name in capitals goes on to the rank",
    holds: (text) => !/^(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) /.test(text),
  },
  {
    reason:
      "Node takes no tab around a coding or a length; here it is blank (RFC 9110 section 5.6.3) and goes no further",
    holds: (text) => /^(transfer-encoding|content-length):[^\r]*\t/im.test(text),
  },
];

/** The first request in the text and how many bytes it takes. */
function readOurs(text: string): { meaning: Meaning; byteCount: number } | undefined {
  const bytes = Buffer.from(text, "latin1");
  const scanner = new HeadScanner(4_096);
  try {
    const headEnd = scanner.scan(bytes, 0);
    if (headEnd === -1) return undefined;
    const head = parseRequestHead(scanner.text, 50);
    const body = openBody(head.bodyLength, { payloadBytesMax: 4_096, allowsTrailers: false });
    let content = "";
    const byteCount = body.advance(
      bytes,
      headEnd,
      (from, to) => (content += bytes.toString("latin1", from, to)),
    );
    if (!body.isDone) return undefined;
    const fields = head.headers.names.flatMap((name, index) => [name, head.headers.values[index]!]);
    const version = `1.${head.minorVersion}`;
    const { method, target } = head;
    return { meaning: { method, target, version, fields, body: content }, byteCount };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Runs the text through a server of Node's over a stream in memory. */
async function readTheirs(text: string): Promise<Meaning | undefined> {
  const { promise, resolve } = Promise.withResolvers<Meaning | undefined>();
  const server = createServer({ keepAliveTimeout: 0 });
  const [near, far] = duplexPair();
  server.on("request", (request: IncomingMessage, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
    request.on("end", () => resolve(meaningOf(request, body)));
    request.on("error", () => resolve(undefined));
    request.on("close", () => response.end());
  });
  server.on("clientError", () => resolve(undefined));
  server.on("connect", () => resolve(undefined));
  near.on("error", () => undefined); // Node may cut what it refuses.
  far.on("error", () => undefined);
  near.on("data", (answer: Buffer) => {
    if (/^HTTP\/1\.1 [45]/.test(answer.toString("latin1"))) resolve(undefined);
  });
  server.emit("connection", far);
  near.end(Buffer.from(text, "latin1"));
  try {
    return await within("Node's verdict", promise);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

function meaningOf(request: IncomingMessage, body: string): Meaning {
  const fields = request.rawHeaders.map((text, index) =>
    index % 2 === 0 ? text.toLowerCase() : text,
  );
  const { method, url, httpVersion } = request;
  return { method: method!, target: url!, version: httpVersion, fields, body };
}

const method = fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "PUT", "get", "G T", "", "X-Y");
const target = fc.constantFrom(
  "/",
  "/v1/models?a=%20b",
  "*",
  "x",
  "/a b",
  "/\u00e4",
  "//h/p",
  "/#",
);
const version = fc.constantFrom(
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/1.2",
  "http/1.1",
  "HTTP/1.1 ",
);
const lineEnd = fc.oneof(
  { weight: 60, arbitrary: fc.constant("\r\n") },
  { weight: 1, arbitrary: fc.constantFrom("\n", "\r", "\r\r\n", "\r\n\r\n", "\r\n ") },
);
const field = fc.oneof(
  fc.constantFrom(
    "Content-Length: 5",
    "content-length: 0",
    "Content-Length: 5, 5",
    "Content-Length: +5",
    "Content-Length:5 ",
    "Content-Length: 5 5",
    "Content-Length : 5",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: Chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding:\tchunked\t",
    "Transfer-Encoding: xchunked",
    "Connection: close",
    "Connection: keep-alive, x-a",
    "Host: y",
    "X-A: \u00e4\u00a0",
    "X-A:",
    "X-A: a:b\tc",
    ": x",
    "X_A: b",
    "X A: b",
  ),
  fc.string({ maxLength: 12, unit: "binary-ascii" }),
  fc
    .tuple(fc.constantFrom("X-B", "x-c", "Accept"), fc.string({ maxLength: 9 }))
    .map((pair) => pair.join(":")),
);
const body = fc.constantFrom(
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;x=y\r\nhello\r\n0\r\n\r\n",
  "05\r\nhello\r\n0\r\n\r\n",
  "5\nhello\n0\n\n",
  "5\r\nhello0\r\n\r\n",
  "0\r\nX-T: 1\r\n\r\n",
  "0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
  "2\r\nab\r\n-1\r\n",
);

const assembled = fc
  .tuple(
    method,
    target,
    version,
    fc.array(fc.tuple(lineEnd, field), { maxLength: 5 }),
    lineEnd,
    body,
  )
  .map(([method, target, version, fields, end, body]) => {
    const lines = fields.map(([end, text]) => end + text).join("");
    return `${method} ${target} ${version}\r\nHost: x${lines}${end}\r\n${body}`;
  });

const valid = fc.constantFrom(
  "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "GET /health HTTP/1.0\r\nConnection: keep-alive\r\nX-A: b\r\n\r\n",
);
const byte = fc.oneof(
  fc.constantFrom("\r", "\n", " ", "\t", "\0", ":", ",", ";", "0", "5", "a", "\u00a0", "\u007f"),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
);
/** A valid request with one byte replaced, put in or taken out. */
const mutated = fc
  .tuple(valid, fc.nat(), byte, fc.constantFrom("replace", "insert", "delete"))
  .map(([text, position, byte, change]) => {
    const at = position % text.length;
    const after = text.slice(change === "insert" ? at : at + 1);
    return text.slice(0, at) + (change === "delete" ? "" : byte) + after;
  });

test("parseRequestHead() and Node's server agree on what both accept, and Node accepts what is accepted here", async () => {
  let acceptedCount = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(assembled, mutated), async (text) => {
      const ours = readOurs(text);
      if (ours === undefined) return;
      acceptedCount++;
      // Exactly these bytes: were the request longer or shorter to Node, it would be broken off or followed by junk.
      const theirs = await readTheirs(text.slice(0, ours.byteCount));
      if (theirs === undefined) {
        assert.ok(
          knownDifferences.some(({ holds }) => holds(text)),
          "accepted here, refused by Node",
        );
      } else assert.deepEqual(ours.meaning, theirs);
    }),
    { numRuns: 4_000 },
  );
  assert.ok(acceptedCount > 100, `only ${acceptedCount} inputs were accepted here`);
});
