import { randomBytes } from "node:crypto";
import { connectionLine, type AnswerConnection } from "../accept/answer.ts";
import type { Headers } from "../http1/headers.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { ResponseHead } from "../http1/response-head.ts";

/**
 * Fields that mean one connection and not the message (RFC 9110 section 7.6.1), and those that say where the body
 * ends, which are written anew from what was understood.
 */
const hopFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Fields that only the router itself may write, in either direction: it alone decides on placement. */
const routingPrefix = "x-penstock-";
/**
 * What else a client may not say to a rank; the expectation is answered by the router, trailers stay behind, and the
 * id is written anew.
 */
const notForRanks: ReadonlySet<string> = new Set([
  ...hopFields,
  "expect",
  "trailer",
  "x-data-parallel-rank",
  "x-request-id",
]);

/** Which pages may use the deployment is the router's to say, also where a rank lets in all, as vLLM does unasked. */
const notForClients: ReadonlySet<string> = new Set([
  ...hopFields,
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-allow-private-network",
  "access-control-expose-headers",
  "access-control-max-age",
]);

/** vLLM's P2P connector reads addresses of other engines out of a request id that looks like this. */
const addressesInRequestId = /___(prefill|decode)_addr_/;

/** The client's request id, or a new one where it gave none or one that steers engines. */
export function requestIdOf(head: RequestHead): string {
  const given = head.headers.get("x-request-id");
  const isUsable = given !== undefined && given !== "" && !addressesInRequestId.test(given);
  return isUsable ? given : newRequestId();
}

/** 32 hexadecimal digits, as vLLM's ids have: half of them drawn when the router starts, half counted. */
function newRequestId(): string {
  idCount++;
  return idPrefix + idCount.toString(16).padStart(16, "0");
}

const idPrefix = randomBytes(8).toString("hex");
let idCount = 0;

/** The request's head for the rank, empty line included. Names are in lower case, order is kept. */
export function requestHeadText(
  head: RequestHead,
  forward: { readonly authority: string; readonly requestId: string },
): string {
  const { headers, bodyLength } = head;
  let text = head.method + " " + head.target + " HTTP/1.1\r\n";
  if (headers.get("host") === undefined) text += `host: ${forward.authority}\r\n`;
  text += fieldLines(headers, notForRanks);
  text += `x-request-id: ${forward.requestId}\r\n`;
  const saysLength = headers.get("content-length") !== undefined;
  if (bodyLength === "chunked") text += "transfer-encoding: chunked\r\n";
  else if (bodyLength > 0 || saysLength) text += `content-length: ${bodyLength}\r\n`;
  return `${text}\r\n`;
}

export interface ResponseForward {
  readonly requestId: string;
  /** Index of the rank that answers, which the client gets to know. */
  readonly rank: number;
  /** Index of the rank that computed the prompt, where that is another one. */
  readonly prefillRank: number | undefined;
  readonly isChunked: boolean;
}

/**
 * The response's head for the client, empty line included. The length of a bodiless answer, to HEAD or with 304,
 * is information and stays.
 */
export function responseHeadText(
  head: ResponseHead,
  forward: AnswerConnection & ResponseForward,
): string {
  const { headers } = head;
  const length = headers.get("content-length");
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n${fieldLines(headers, notForClients)}`;
  if (headers.get("x-request-id") === undefined) text += `x-request-id: ${forward.requestId}\r\n`;
  text += `${routingPrefix}rank: ${forward.rank}\r\n`;
  if (forward.prefillRank !== undefined) {
    text += `${routingPrefix}prefill-rank: ${forward.prefillRank}\r\n`;
  }
  if (forward.isChunked) text += "transfer-encoding: chunked\r\n";
  else if (length !== undefined) text += `content-length: ${length}\r\n`;
  for (const line of connectionLine(forward)) text += `${line}\r\n`;
  return `${text}\r\n`;
}

/** Fields that the Connection header names go no further either; Host does, a request without one is none. */
function fieldLines(headers: Headers, goesNoFurther: ReadonlySet<string>): string {
  const { names, values } = headers;
  const named = headers.tokens("connection");
  let text = "";
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    if (goesNoFurther.has(name) || name.startsWith(routingPrefix)) continue;
    if (named.length > 0 && name !== "host" && named.includes(name)) continue;
    text += name + ": " + values[index]! + "\r\n";
  }
  return text;
}
