import { METHODS } from "node:http";
import type { Divergence } from "./compare.ts";
import { limits } from "./penstock-parser.ts";
import type { Input, Message } from "./reading.ts";

/** A way in which the router's reading is meant to differ from Node's, and how it is told from a mistake. */
export interface Difference {
  readonly name: string;
  /** Why it is so. */
  readonly reason: string;
  readonly holds: (seen: Seen) => boolean;
  /** The least input in which it occurs. */
  readonly example: Partial<Input> & Pick<Input, "kind" | "text">;
}

/** A divergence with what predicates look at. */
export interface Seen extends Divergence {
  readonly input: Input;
  /** The message in which the two part, as each read it; undefined where it was not taken. */
  readonly ours: Message | undefined;
  readonly theirs: Message | undefined;
  /** Text from the message on that the router did not take as a whole. */
  readonly rest: string;
}

/** The difference that explains this divergence. */
export function explain(divergence: Divergence, input: Input): Difference | undefined {
  const { index, penstock, node } = divergence;
  const ours = penstock.messages[index];
  const theirs = node.messages[index];
  const rest = input.text.slice(penstock.takenByteCount);
  const seen: Seen = { ...divergence, input, ours, theirs, rest };
  return differences.find(({ holds }) => holds(seen));
}

/** Whether the router refuses for this reason what Node takes. */
function refuses({ what, penstock }: Seen, why: string): boolean {
  return what === "penstock refuses" && penstock.why.includes(why);
}

function valuesOf(message: Message | undefined, name: string): readonly string[] {
  const fields = message?.fields ?? [];
  return fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === name);
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n";
const post = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\n";
const chunkedOk = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

const ofRequestLines: readonly Difference[] = [
  {
    name: "method that Node does not know",
    reason:
      "Node has a list of methods; the router passes on any name in capitals and the rank answers for it",
    holds: ({ what, ours }) =>
      ours !== undefined &&
      ((what === "node refuses" && ours.method !== "" && !METHODS.includes(ours.method)) ||
        // HTTP/2 begins with it, and Node waits for the rest of that.
        (what === "end" && ours.method === "PRI")),
    example: { kind: "request", text: "X-Y / HTTP/1.1\r\nHost: x\r\n\r\n" },
  },
  {
    name: "target in another form",
    reason:
      "a target that is no path names a host of its own, or holds bytes that a rank may cut off: what is checked here must be what the rank serves",
    holds: (seen) =>
      refuses(seen, "it must be a method") && !/^\/[!"$-~]*$/.test(seen.theirs?.target ?? "/"),
    example: { kind: "request", text: "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n" },
  },
  {
    name: "blanks in the request line",
    reason:
      "RFC 9112 section 3 has one space between its parts, and readers differ in what more of them mean",
    holds: (seen) => refuses(seen, "read the request line") && /^[^\r\n]*(  | \r)/.test(seen.rest),
    example: { kind: "request", text: "GET  / HTTP/1.1\r\nHost: x\r\n\r\n" },
  },
  {
    name: "another protocol",
    reason:
      "Node's parser also reads streaming protocols and old or new versions of HTTP; the router speaks two",
    holds: ({ what, theirs, rest }) =>
      what === "penstock refuses" &&
      (!/^1\.[01]$/.test(theirs?.version ?? "1.1") || /^([^\r\n]* )?(ICE|RTSP)\//.test(rest)),
    example: { kind: "request", text: "GET / HTTP/2.0\r\nHost: x\r\n\r\n" },
  },
  {
    name: "empty lines before a message",
    reason:
      "RFC 9112 section 2.2 lets a server skip them for old clients; a byte between two messages is a sign of a length that somebody got wrong",
    holds: (seen) =>
      seen.what === "penstock refuses" &&
      /^[\r\n]/.test(seen.rest) &&
      / (head|re\w+ line|response):/.test(seen.penstock.why),
    example: { kind: "request", text: `\r\n${get}\r\n` },
  },
  {
    name: "upgrade",
    reason:
      "Node reads no further behind a request that asks for another protocol; the router does not pass that on",
    holds: ({ what, node }) =>
      node.why === "upgrade" && (what === "end" || what === "penstock refuses"),
    example: {
      kind: "request",
      text: `${get}Connection: upgrade\r\nUpgrade: x\r\n\r\n${get}\r\n`,
    },
  },
];

const ofStatusLines: readonly Difference[] = [
  {
    name: "status below 100",
    reason: "RFC 9110 section 15 has statuses from 100 to 599; up to 999 are passed on",
    holds: (seen) => refuses(seen, "status line") && (seen.theirs?.status ?? 100) < 100,
    example: { kind: "response", text: "HTTP/1.1 099 \r\ncontent-length: 0\r\n\r\n" },
  },
  {
    name: "control bytes in the reason",
    reason: "Node takes any byte there; the router would pass it on to terminals and logs",
    holds: (seen) =>
      refuses(seen, "a control byte") && !/^[\t -~\u0080-\u00ff]*$/.test(seen.theirs?.reason ?? ""),
    example: { kind: "response", text: "HTTP/1.1 200 a\0\r\ncontent-length: 0\r\n\r\n" },
  },
  {
    name: "switched protocols",
    reason: "the router asks for no other protocol, so no rank may change to one",
    holds: (seen) => refuses(seen, "changed the protocol") && seen.theirs?.status === 101,
    example: { kind: "response", text: `HTTP/1.1 101 \r\n\r\n${ok}content-length: 0\r\n\r\n` },
  },
  {
    name: "interim response that closes",
    reason:
      "whether a connection is kept is said by the response; Node takes the word of an interim one",
    holds: ({ node, index }) => {
      const before = node.messages[index - 1];
      const isInterim = before !== undefined && before.status >= 100 && before.status < 200;
      return isInterim && !before.keepsAlive && node.why === "HPE_CLOSED_CONNECTION";
    },
    example: {
      kind: "response",
      text: `HTTP/1.1 100 \r\nconnection: close\r\n\r\n${ok}content-length: 0\r\n\r\n`,
    },
  },
  {
    name: "HEAD without a length",
    reason:
      "Node's parser does not know that the answer has no body and thinks that it ends with its connection",
    holds: ({ what, input, ours, theirs }) =>
      what === "keepsAlive" &&
      input.method === "HEAD" &&
      ours?.keepsAlive === true &&
      theirs?.keepsAlive === false,
    example: { kind: "response", text: `${ok}\r\n`, method: "HEAD" },
  },
];

const ofFields: readonly Difference[] = [
  {
    name: "Host twice",
    reason:
      "Node takes the first; RFC 9112 section 3.2 asks for a refusal, as ranks may take the other",
    holds: (seen) => refuses(seen, '"host" appears') && valuesOf(seen.theirs, "host").length > 1,
    example: { kind: "request", text: `${get}Host: y\r\n\r\n` },
  },
  {
    name: "Host that is none",
    reason: "RFC 9112 section 3.2 asks for a refusal; Node does not look at it",
    holds: (seen) =>
      refuses(seen, "is no host") &&
      !/^[\w.\-~!$&'()*+,;=%:[\]]*$/.test(valuesOf(seen.theirs, "host")[0] ?? ""),
    example: { kind: "request", text: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" },
  },
  {
    name: "other expectation",
    reason:
      "Node finds 100-continue among other words; the router knows it alone and refuses what it cannot meet",
    holds: (seen) =>
      refuses(seen, "meet the expectation") &&
      !/^100-continue$/i.test(valuesOf(seen.theirs, "expect")[0] ?? ""),
    example: { kind: "request", text: `${get}Expect: 100-continue, tea\r\n\r\n` },
  },
  {
    name: "expectation twice",
    reason: "readers may take either",
    holds: (seen) =>
      refuses(seen, '"expect" appears') && valuesOf(seen.theirs, "expect").length > 1,
    example: {
      kind: "request",
      text: `${get}Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n`,
    },
  },
  {
    name: "asterisk",
    reason: "only OPTIONS has a meaning for it (RFC 9112 section 3.2.4)",
    holds: (seen) => refuses(seen, "only OPTIONS") && seen.theirs?.target === "*",
    example: { kind: "request", text: "GET * HTTP/1.1\r\nHost: x\r\n\r\n" },
  },
  {
    name: "Proxy-Connection",
    reason: "Node reads it as Connection; no standard has it",
    holds: ({ what, ours }) =>
      what === "keepsAlive" && valuesOf(ours, "proxy-connection").length > 0,
    example: { kind: "request", text: `${get}Proxy-Connection: close\r\n\r\n` },
  },
];

const ofLengths: readonly Difference[] = [
  {
    name: "coding that is not chunked alone",
    reason:
      "nobody sends others to ranks, and whoever does not know one misreads where the body ends",
    holds: (seen) =>
      refuses(seen, "the only Transfer-Encoding") &&
      !/^chunked$/i.test(valuesOf(seen.theirs, "transfer-encoding")[0] ?? "chunked"),
    example: { kind: "request", text: post.replace("chunked", "gzip, chunked") + "0\r\n\r\n" },
  },
  {
    name: "coding twice",
    reason: "readers take the first, the last or both",
    holds: (seen) =>
      refuses(seen, '"transfer-encoding" appears') &&
      valuesOf(seen.theirs, "transfer-encoding").length > 1,
    example: {
      kind: "request",
      text: `${get}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    },
  },
  {
    name: "coding in HTTP/1.0",
    reason: "HTTP/1.0 has none: RFC 9112 section 6.1 has such a message treated as faulty",
    holds: (seen) =>
      refuses(seen, "HTTP/1.0 has no") &&
      seen.theirs?.version === "1.0" &&
      valuesOf(seen.theirs, "transfer-encoding").length > 0,
    example: { kind: "request", text: `${post.replace("/1.1", "/1.0")}0\r\n\r\n` },
  },
  {
    name: "coding of an answer without a body",
    reason: "RFC 9112 section 6.1 forbids it; the next reader may wait for chunks",
    holds: (seen) =>
      refuses(seen, "its Transfer-Encoding is out of place") &&
      (seen.theirs?.status === 204 || (seen.theirs?.status ?? 200) < 200),
    example: { kind: "response", text: "HTTP/1.1 204 \r\ntransfer-encoding: chunked\r\n\r\n" },
  },
  {
    name: "tabs around a coding or a length",
    reason:
      "tabs are blanks (RFC 9110 section 5.6.3), which Node takes for part of the value; they go no further",
    holds: ({ ours, theirs, input }) =>
      ["transfer-encoding", "content-length"].some(
        (name) => valuesOf(ours, name).length + valuesOf(theirs, name).length > 0,
      ) && /^(transfer-encoding|content-length):[^\r\n]*\t/im.test(input.text),
    example: { kind: "request", text: `${post.replace("chunked", "chunked\t")}0\r\n\r\n` },
  },
  {
    name: "long length",
    reason: "16 digits and more are no length of a body but a try at an overflow",
    holds: (seen) =>
      refuses(seen, "no plain number") &&
      /^\d{16,}$/.test(valuesOf(seen.theirs, "content-length")[0] ?? ""),
    example: { kind: "request", text: `${get}Content-Length: 0000000000000000\r\n\r\n` },
  },
];

const ofChunks: readonly Difference[] = [
  {
    name: "chunk extension",
    reason: "nobody needs one, and servers were smuggled past by how each skips them",
    holds: (seen) => refuses(seen, "a chunk size line holds") && /[\da-f][ \t]*;/i.test(seen.rest),
    example: { kind: "request", text: `${post}0;a=b\r\n\r\n` },
  },
  {
    name: "long chunk size",
    reason: "more than 8 digits are no size of a chunk but a try at an overflow",
    holds: (seen) => refuses(seen, "a chunk size is too long") && /[\da-f]{9}/i.test(seen.rest),
    example: { kind: "request", text: `${post}000000000\r\n\r\n` },
  },
  {
    name: "length among trailers",
    reason: "Node reads trailers as it reads headers; the router drops them, whatever they say",
    holds: ({ what, node, input }) =>
      what === "node refuses" &&
      /^HPE_(INVALID_CONTENT_LENGTH|INVALID_TRANSFER_ENCODING|UNEXPECTED_CONTENT_LENGTH)$/.test(
        node.why,
      ) &&
      /(^|\n)0+\r\n([^\r\n]+\r\n)*(content-length|transfer-encoding):/i.test(input.text),
    example: { kind: "request", text: `${post}0\r\nContent-Length: 5\r\n\r\n` },
  },
];

const ofLimits: readonly Difference[] = [
  {
    name: "limit of the head",
    reason: "a limit of the router",
    holds: (seen) =>
      refuses(seen, "431 Cannot read the head") && seen.rest.length > limits.headBytesMax,
    example: { kind: "request", text: `${get}x-a: ${"a".repeat(limits.headBytesMax)}\r\n\r\n` },
  },
  {
    name: "limit of the headers",
    reason: "a limit of the router",
    holds: (seen) =>
      refuses(seen, "431 Cannot read the message") &&
      (seen.theirs?.fields.length ?? 0) / 2 > limits.headerCountMax,
    example: { kind: "request", text: `${get}${"x-a: b\r\n".repeat(limits.headerCountMax)}\r\n` },
  },
  {
    name: "limit of the body",
    reason: "a limit of the router",
    holds: (seen) =>
      refuses(seen, "413") &&
      (valuesOf(seen.theirs, "transfer-encoding").length > 0 ||
        Number(valuesOf(seen.theirs, "content-length")[0]) > limits.bodyBytesMax),
    example: { kind: "request", text: `${get}content-length: ${limits.bodyBytesMax + 1}\r\n\r\n` },
  },
  {
    name: "limit of the trailers",
    reason: "a limit of the router",
    holds: (seen) => refuses(seen, "its trailers are too long") && seen.rest.length > 8_192,
    example: { kind: "response", text: `${chunkedOk}0\r\nx-a: ${"a".repeat(8_192)}\r\n\r\n` },
  },
];

/** All of them. Whatever else the two differ in is a finding. */
export const differences: readonly Difference[] = [
  ...ofRequestLines,
  ...ofStatusLines,
  ...ofFields,
  ...ofLengths,
  ...ofChunks,
  ...ofLimits,
];
