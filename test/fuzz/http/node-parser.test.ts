import assert from "node:assert/strict";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { within } from "../../../src/router/test-support/within.ts";
import { generate } from "./generate.ts";
import { readAsNode } from "./node-parser.ts";
import type { Input } from "./reading.ts";

/** What a user of Node's server or client gets to see of a message. */
interface Sight {
  readonly line: readonly (string | number | undefined)[];
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

const sightsMax = 8;

/** What a server of Node's own hands to its listener, over a stream in memory. */
async function serve(input: Input): Promise<readonly Sight[]> {
  const sights: Promise<Sight | undefined>[] = [];
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  const server = createServer({ keepAliveTimeout: 0 }, (message, response) => {
    sights.push(watch(message));
    message.on("close", () => response.end());
  });
  server.on("clientError", () => settle());
  const [near, far] = duplexPair();
  near.on("error", () => undefined).resume(); // Node may cut what it refuses.
  far.on("error", () => undefined).on("close", () => settle());
  server.emit("connection", far);
  near.end(Buffer.from(input.text, "latin1"));
  await within("the end of the connection", settled);
  far.destroy();
  server.close();
  const seen = await within("all requests", Promise.all(sights.slice(0, sightsMax)));
  return seen.filter((sight) => sight !== undefined);
}

/** What a client of Node's own hands over, interim answers included. */
async function fetchRaw(input: Input): Promise<readonly Sight[]> {
  const [near, far] = duplexPair();
  const sights: Promise<Sight | undefined>[] = [];
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  const agent = new Agent();
  agent.createConnection = () => near;
  const asked = request({ agent, method: input.method, path: "/" });
  asked.on("information", ({ statusCode, statusMessage, httpVersion, rawHeaders }) => {
    const line = [statusCode, statusMessage, httpVersion];
    sights.push(Promise.resolve({ line, fields: lowered(rawHeaders), body: "", trailers: [] }));
  });
  asked.on("response", (message) => {
    sights.push(watch(message));
    message.on("close", settle);
  });
  asked.on("error", () => settle()).on("close", () => settle());
  far.on("error", () => undefined).resume();
  asked.end();
  far.end(Buffer.from(input.text, "latin1"));
  await within("the end of the connection", settled);
  const seen = await within("all answers", Promise.all(sights));
  near.destroy();
  far.destroy();
  return seen.filter((sight) => sight !== undefined);
}

/** The message once it has come as a whole; undefined where it breaks off. */
async function watch(message: IncomingMessage): Promise<Sight | undefined> {
  let body = "";
  const { promise, resolve } = Promise.withResolvers<Sight | undefined>();
  message.on("data", (bytes: Buffer) => (body += bytes.toString("latin1")));
  message.on("error", () => resolve(undefined));
  message.on("close", () => resolve(undefined));
  message.on("end", () => {
    const { method, url, statusCode, statusMessage, httpVersion } = message;
    const ofRequest = method === null || method === undefined ? [] : [method, url];
    const ofResponse = statusCode === null ? [] : [statusCode, statusMessage];
    const line = [...ofRequest, ...ofResponse, httpVersion];
    const fields = lowered(message.rawHeaders);
    resolve({ line, fields, body, trailers: lowered(message.rawTrailers) });
  });
  return promise;
}

function lowered(raw: readonly string[]): readonly string[] {
  return raw.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
}

/** The same of the parser's reading: messages that are complete. */
function sightsOf(input: Input): readonly Sight[] {
  const { messages } = readAsNode(input);
  return messages
    .filter(({ isComplete }) => isComplete)
    .map(({ method, target, status, reason, version, fields, body, trailers }) => {
      const line = input.kind === "request" ? [method, target] : [status, reason];
      return { line: [...line, version], fields, body, trailers };
    });
}

function inputs(kind: Input["kind"], count: number): readonly Input[] {
  const found: Input[] = [];
  for (let number = 0; found.length < count; number++) {
    const input = generate(77, number);
    if (input.kind === kind) found.push({ ...input, cuts: [], ends: true });
  }
  return found;
}

test("readAsNode() reads requests as Node's own server does", async () => {
  let seenCount = 0;
  for (const input of inputs("request", 600)) {
    const expected = sightsOf(input);
    const seen = await serve(input);
    seenCount += seen.length;
    // What the server itself refuses it answers with an error, and reads on behind it.
    const isOver = /^(no Host|Expect)$/.test(readAsNode(input).why);
    const judged = isOver ? seen.slice(0, expected.length) : seen;
    assert.deepEqual(judged, expected.slice(0, sightsMax), JSON.stringify(input.text));
  }
  assert.ok(seenCount > 100, `only ${seenCount} requests were seen`);
});

test("readAsNode() reads responses as Node's own client does", async () => {
  let seenCount = 0;
  for (const input of inputs("response", 600)) {
    const seen = await fetchRaw(input);
    seenCount += seen.length;
    assert.deepEqual(seen, sightsOf(input), JSON.stringify([input.method, input.text]));
  }
  assert.ok(seenCount > 100, `only ${seenCount} responses were seen`);
});
