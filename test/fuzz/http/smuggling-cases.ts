/** A published way to hide one message in another. "evil" is in each hidden part. */
export interface SmugglingCase {
  readonly family: string;
  readonly name: string;
  /** As Latin-1. */
  readonly text: string;
  /**
   * The status of the refusal; a request that is right and only hoped that somebody would misread it is one message,
   * which the hidden part belongs to.
   */
  readonly outcome: number | "one message";
}

const evil = "GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n";
const evilAnswer = "HTTP/1.1 200 evil\r\ncontent-length: 4\r\n\r\nevil";

function post(fields: string, body: string, version = "HTTP/1.1"): string {
  return `POST /v1/completions ${version}\r\nHost: x\r\n${fields}\r\n\r\n${body}`;
}

type Row = readonly [family: string, name: string, fields: string, body: string, status: number];

const chunkedEvil = `0\r\n\r\n${evil}`;
const coding = "Transfer-Encoding: chunked";

/** Requests of one shape: these header lines and this body. */
const requestRows: readonly Row[] = [
  ["CL.CL", "two lengths", "Content-Length: 0\r\nContent-Length: 40", evil, 400],
  ["CL.CL", "two lengths, the longer first", "Content-Length: 40\r\nContent-Length: 0", evil, 400],
  ["CL.CL", "the same length twice", "Content-Length: 0\r\nContent-Length: 0", evil, 400],
  ["CL.CL", "lengths in a list", "Content-Length: 5,5", `hello${evil}`, 400],
  ["CL.CL", "lengths in a list with a blank", "Content-Length: 0, 40", evil, 400],
  ["CL.CL", "lengths beside each other", "Content-Length: 0 40", evil, 400],
  ["CL.CL", "lengths in two cases", "Content-Length: 0\r\ncontent-LENGTH: 40", evil, 400],
  ["CL.TE", "length before coding", `Content-Length: 40\r\n${coding}`, chunkedEvil, 400],
  ["CL.TE", "length of nothing before coding", `Content-Length: 0\r\n${coding}`, chunkedEvil, 400],
  ["TE.CL", "coding before length", `${coding}\r\nContent-Length: 4`, `5e\r\n${evil}`, 400],
  ["TE.CL", "coding before a broken length", `${coding}\r\nContent-Length: x`, chunkedEvil, 400],
  ["TE.TE", "two codings", `${coding}\r\nTransfer-Encoding: identity`, chunkedEvil, 400],
  ["TE.TE", "two codings, the other first", `Transfer-Encoding: x\r\n${coding}`, chunkedEvil, 400],
  ["TE.TE", "the same coding twice", `${coding}\r\n${coding}`, chunkedEvil, 400],
  ["TE.TE", "two codings in one", "Transfer-Encoding: chunked, identity", chunkedEvil, 501],
  ["TE.TE", "identity before chunked", "Transfer-Encoding: identity, chunked", chunkedEvil, 501],
  ["TE.TE", "chunked twice in one", "Transfer-Encoding: chunked, chunked", chunkedEvil, 501],
  ["TE.TE", "an empty one in the list", "Transfer-Encoding: ,chunked", chunkedEvil, 501],
  ["TE.TE", "another word with it", "Transfer-Encoding: xchunked", chunkedEvil, 501],
  ["TE.TE", "in quotes", 'Transfer-Encoding: "chunked"', chunkedEvil, 501],
  ["TE.TE", "with a parameter", "Transfer-Encoding: chunked;q=1", chunkedEvil, 501],
  ["TE.TE", "none at all", "Transfer-Encoding:", chunkedEvil, 501],
  [
    "TE.TE",
    "behind a blank of another alphabet",
    "Transfer-Encoding: \u00a0chunked",
    chunkedEvil,
    501,
  ],
  ["TE.TE", "behind a vertical tab", "Transfer-Encoding: \u000bchunked", chunkedEvil, 400],
  ["TE.TE", "behind a zero byte", "Transfer-Encoding: \u0000chunked", chunkedEvil, 400],
  ["TE.TE", "behind a bare LF", "Transfer-Encoding:\nchunked", chunkedEvil, 400],
  ["TE.TE", "behind a bare CR", "X: y\rTransfer-Encoding: chunked", chunkedEvil, 400],
  [
    "TE.TE",
    "in a line of its own by a bare LF",
    "X: y\nTransfer-Encoding: chunked",
    chunkedEvil,
    400,
  ],
  ["TE.TE", "folded", "Transfer-Encoding:\r\n chunked", chunkedEvil, 400],
  ["TE.TE", "folded by a tab", "Transfer-Encoding:\r\n\tchunked", chunkedEvil, 400],
  [
    "header name",
    "blank before the colon of a coding",
    "Transfer-Encoding : chunked",
    chunkedEvil,
    400,
  ],
  [
    "header name",
    "tab before the colon of a coding",
    "Transfer-Encoding\t: chunked",
    chunkedEvil,
    400,
  ],
  ["header name", "blank before the colon of a length", "Content-Length : 40", evil, 400],
  ["header name", "blank before the name", " Content-Length: 40", evil, 400],
  ["header name", "zero byte in the name", "Content-Length\u0000: 40", evil, 400],
  ["header name", "CR behind the name", "Content-Length\r: 40", evil, 400],
  ["header name", "no colon", "Content-Length 40", evil, 400],
  ["header name", "no name", ": x\r\nContent-Length: 40", evil, 400],
  ["header name", "brackets in the name", "(Content-Length): 40", evil, 400],
  ["header name", "a letter beyond ASCII in the name", "Content-Length\u00e4: 40", evil, 400],
  ["obs-fold", "a length hidden by a fold", "X: y\r\n Content-Length: 40", evil, 400],
  ["obs-fold", "a length folded", "Content-Length:\r\n 40", evil, 400],
  ["obs-fold", "a fold of the first line", " X: y", evil, 400],
  ["length", "with a plus", "Content-Length: +40", evil, 400],
  ["length", "with a minus", "Content-Length: -1", evil, 400],
  ["length", "in hexadecimal", "Content-Length: 0x5", `hello${evil}`, 400],
  ["length", "with a fraction", "Content-Length: 5.0", `hello${evil}`, 400],
  ["length", "with an exponent", "Content-Length: 5e0", `hello${evil}`, 400],
  ["length", "with an underscore", "Content-Length: 1_0", evil, 400],
  ["length", "in digits of another alphabet", "Content-Length: \u00b2", evil, 400],
  ["length", "past 64 bits", "Content-Length: 18446744073709551616", evil, 400],
  ["length", "past exact numbers", "Content-Length: 9007199254740993", evil, 400],
  ["length", "empty", "Content-Length:", evil, 400],
  ["length", "behind a zero byte", "Content-Length: \u00005", `hello${evil}`, 400],
  [
    "0.CL",
    "a length that hides behind an expectation",
    "Expect: y 100-continue\r\nContent-Length: 40",
    evil,
    417,
  ],
  [
    "0.CL",
    "two expectations",
    "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 40",
    evil,
    400,
  ],
  ["0.CL", "a length that hides behind a bare LF", "X: y\nContent-Length: 40", evil, 400],
  ["chunk extension", "any", coding, `5;a=b\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "without a name", coding, `5;\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "that ends with a bare LF", coding, `5;\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "with a bare LF in it", coding, `2;\nxx\r\n4c\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "with a bare CR in it", coding, `2;a\rb\r\nxx\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "in quotes over the line", coding, `2;a="\r\nxx"\r\n0\r\n\r\n${evil}`, 400],
  ["chunk extension", "at the last chunk", coding, `0;a\r\n\r\n${evil}`, 400],
  ["chunk", "size that ends with a bare LF", coding, `5\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size that ends with a bare CR", coding, `5\rhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "data that ends with a bare LF", coding, `5\r\nhello\n0\r\n\r\n${evil}`, 400],
  [
    "chunk",
    "data that ends with two bytes of any kind",
    coding,
    `5\r\nhelloXX0\r\n\r\n${evil}`,
    400,
  ],
  ["chunk", "data that does not end", coding, `5\r\nhello0\r\n\r\n${evil}`, 400],
  ["chunk", "data longer than its size", coding, `4\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size with a prefix", coding, `0x5\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size with a sign", coding, `+5\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "negative size", coding, `-1\r\n${evil}`, 400],
  ["chunk", "size with a blank before it", coding, ` 5\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size with a blank behind it", coding, `5 \r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size with an underscore", coding, `1_0\r\n${evil}`, 400],
  [
    "chunk",
    "size that overflows 64 bits",
    coding,
    `10000000000000005\r\nhello\r\n0\r\n\r\n${evil}`,
    400,
  ],
  ["chunk", "size that overflows 32 bits", coding, `100000005\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "size with a zero byte", coding, `5\u0000\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "no size", coding, `\r\nhello\r\n0\r\n\r\n${evil}`, 400],
  ["chunk", "body that ends with a bare LF", coding, `0\r\n\n${evil}`, 400],
  ["chunk", "body that ends with a bare CR", coding, `0\r\n\r${evil}`, 400],
  ["trailers", "folded", coding, `0\r\nX: a\r\n b\r\n\r\n${evil}`, 400],
  ["trailers", "a request in their place", coding, `0\r\n${evil}`, 400],
  ["trailers", "with a bare LF", coding, `0\r\nX: a\nEvil: b\r\n\r\n${evil}`, 400],
  ["trailers", "blank before the colon", coding, `0\r\nX : a\r\n\r\n${evil}`, 400],
  ["trailers", "zero byte", coding, `0\r\nX: \u0000\r\n\r\n${evil}`, 400],
  ["host", "two", "Host: evil", evil, 400],
  ["host", "two, one behind a blank", "Host : evil", evil, 400],
  ["host", "two, one of them folded", " Host: evil", evil, 400],
];

/** Requests of other shapes. */
const otherRequests: readonly SmugglingCase[] = [
  {
    family: "HTTP/1.0",
    name: "coding",
    text: post(coding, chunkedEvil, "HTTP/1.0"),
    outcome: 400,
  },
  {
    family: "HTTP/1.0",
    name: "coding with a length",
    text: post(`Content-Length: 5\r\n${coding}`, chunkedEvil, "HTTP/1.0"),
    outcome: 400,
  },
  { family: "host", name: "none", text: `GET / HTTP/1.1\r\n\r\n${evil}`, outcome: 400 },
  {
    family: "host",
    name: "two in one",
    text: `GET / HTTP/1.1\r\nHost: x/evil\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "host",
    name: "with a user",
    text: `GET / HTTP/1.1\r\nHost: x@evil\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "host",
    name: "another one in the target",
    text: `GET http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "host",
    name: "only in the target",
    text: `GET http://evil/ HTTP/1.1\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "host",
    name: "a target that is another server's",
    text: `GET evil:80 HTTP/1.1\r\nHost: x\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "request line",
    name: "a second one in the target",
    text: `GET / HTTP/1.1 /evil HTTP/1.1\r\nHost: x\r\n\r\n${evil}`,
    outcome: 400,
  },
  { family: "request line", name: "HTTP/0.9", text: `GET /evil\r\n\r\n${evil}`, outcome: 400 },
  {
    family: "request line",
    name: "HTTP/2 by prior knowledge",
    text: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${evil}`,
    outcome: 505,
  },
  {
    family: "request line",
    name: "tunnel",
    text: `CONNECT * HTTP/1.1\r\nHost: evil\r\n\r\n${evil}`,
    outcome: 405,
  },
  {
    family: "request line",
    name: "a bare LF behind it",
    text: `GET / HTTP/1.1\nHost: x\r\n\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "request line",
    name: "an empty line before it",
    text: `\r\n${evil}`,
    outcome: 400,
  },
  {
    family: "CL.0",
    name: "a body of a method that has none",
    text: `GET /v1/models HTTP/1.1\r\nHost: x\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    outcome: "one message",
  },
  {
    family: "TE.0",
    name: "chunks of a method that has none",
    text: `OPTIONS / HTTP/1.1\r\nHost: x\r\n${coding}\r\n\r\n${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`,
    outcome: "one message",
  },
  {
    family: "hop headers",
    name: "a length that Connection names",
    text: post(`Connection: content-length\r\nContent-Length: ${evil.length}`, evil),
    outcome: "one message",
  },
  {
    family: "hop headers",
    name: "a coding that Connection names",
    text: post(
      `Connection: transfer-encoding\r\n${coding}`,
      `${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`,
    ),
    outcome: "one message",
  },
  {
    family: "hop headers",
    name: "a length in the words of CGI",
    text: post(`Content_Length: 0\r\nContent-Length: ${evil.length}`, evil),
    outcome: "one message",
  },
  {
    family: "trailers",
    name: "that would be headers",
    text: post(coding, "0\r\nHost: evil\r\nContent-Length: 40\r\nX-Penstock-Rank: evil\r\n\r\n"),
    outcome: "one message",
  },
];

/** From a client to the router. */
export const smuggledRequests: readonly SmugglingCase[] = [
  ...requestRows.map(([family, name, fields, body, outcome]) => ({
    family,
    name,
    text: post(fields, body),
    outcome,
  })),
  ...otherRequests,
];

/** Rows that are as wrong in a response, which a client must not get. */
const responseFamilies: ReadonlySet<string> = new Set([
  "CL.CL",
  "CL.TE",
  "TE.CL",
  "TE.TE",
  "header name",
  "obs-fold",
  "length",
  "chunk extension",
  "chunk",
]);

/** From a rank to the router: the same in a response, and what only responses have. */
export const smuggledResponses: readonly SmugglingCase[] = [
  ...requestRows
    .filter(([family]) => responseFamilies.has(family))
    .map(([family, name, fields, body, outcome]) => ({
      family,
      name,
      text: `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body.replace(evil, evilAnswer)}`,
      outcome,
    })),
  {
    family: "status line",
    name: "a bare LF behind it",
    text: "HTTP/1.1 200 OK\nX: evil\r\n\r\n",
    outcome: 400,
  },
  {
    family: "status line",
    name: "CR in the reason",
    text: "HTTP/1.1 200 a\rX: evil\r\n\r\n",
    outcome: 400,
  },
  { family: "status line", name: "none", text: "evil\r\n\r\n", outcome: 502 },
  {
    family: "status line",
    name: "an answer that was not asked for first",
    text: `HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: upgrade\r\n\r\n${evilAnswer}`,
    outcome: 502,
  },
  {
    family: "bodiless",
    name: "chunks with 204",
    text: `HTTP/1.1 204 No Content\r\n${coding}\r\n\r\n${evilAnswer}`,
    outcome: 502,
  },
  {
    family: "bodiless",
    name: "chunks with an interim response",
    text: `HTTP/1.1 103 Early Hints\r\n${coding}\r\n\r\n${evilAnswer}`,
    outcome: 502,
  },
];
