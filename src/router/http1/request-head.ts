import { endOfLine, type Headers, parseHeaders } from "./headers.ts";
import { contentLength, isChunked } from "./message-length.ts";
import { Refusal } from "./refusal.ts";

export interface RequestHead {
  readonly method: string;
  /** Origin form, "/v1/models?x=1", or "*" of OPTIONS. */
  readonly target: string;
  /** 0 or 1: the client speaks HTTP/1.0 or HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  readonly headers: Headers;
  /** Bytes of the body; "chunked" when only the body itself says where it ends; 0 when there is none. */
  readonly bodyLength: number | "chunked";
  /** Whether the client means to use the connection again. */
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
}

/** RFC 9112 section 3, with the target in origin form only; what is wrong is told apart below. */
const requestLine = /^([A-Z][A-Z-]{0,31}) (\/[!"$-~]*|\*) HTTP\/1\.([01])$/;
const otherVersion = /^\S+ \S+ HTTP\/\d\.\d$/;
const hostValue = /^[\w.\-~!$&'()*+,;=%:[\]]*$/;

/**
 * Reads a request's head as {@linkcode HeadScanner} gives it. Strict where readers are known to differ, because a
 * difference between the router and a rank lets one client's bytes become another client's request.
 * @throws Refusal with the status for the client.
 */
export function parseRequestHead(head: string, headerCountMax: number): RequestHead {
  const lineEnd = endOfLine(head, 0);
  const line = requestLine.exec(head.slice(0, lineEnd));
  if (line === null) throw refuseRequestLine(head.slice(0, lineEnd));
  const [, method, target, minor] = line as unknown as [string, string, string, "0" | "1"];
  if (method === "CONNECT") throw new Refusal(405, "Cannot serve CONNECT: this is no proxy");
  if (target === "*" && method !== "OPTIONS") {
    throw new Refusal(400, 'Cannot read the request line: only OPTIONS takes the target "*"');
  }
  const minorVersion = minor === "1" ? 1 : 0;
  const headers = parseHeaders(head, lineEnd + 2, headerCountMax);
  checkHost(headers, minorVersion);
  const connection = headers.tokens("connection");
  return {
    method,
    target,
    minorVersion,
    headers,
    bodyLength: requestBodyLength(headers, minorVersion),
    keepsAlive:
      minorVersion === 1 ? !connection.includes("close") : connection.includes("keep-alive"),
    expectsContinue: expectsContinue(headers, minorVersion),
  };
}

function refuseRequestLine(line: string): Refusal {
  if (otherVersion.test(line) && !/ HTTP\/1\.[01]$/.test(line)) {
    return new Refusal(505, "Cannot serve the request: this server speaks HTTP/1.1 and HTTP/1.0");
  }
  return new Refusal(
    400,
    'Cannot read the request line: it must be a method in capitals, a target that begins with "/", and HTTP/1.1',
  );
}

/** Exactly one Host in HTTP/1.1 (RFC 9112 section 3.2), at most one in HTTP/1.0. */
function checkHost(headers: Headers, minorVersion: 0 | 1): void {
  const host = headers.single("host");
  if (host === undefined && minorVersion === 1) {
    throw new Refusal(400, "Cannot read the request: HTTP/1.1 needs a Host header");
  }
  if (host !== undefined && !hostValue.test(host)) {
    throw new Refusal(400, "Cannot read the request: its Host header is no host");
  }
}

/** RFC 9112 section 6.3; a request with both a length and a coding is refused, as section 6.1 allows. */
function requestBodyLength(headers: Headers, minorVersion: 0 | 1): number | "chunked" {
  const length = contentLength(headers);
  if (!isChunked(headers)) return length ?? 0;
  if (length !== undefined) {
    throw new Refusal(
      400,
      "Cannot read the request: it has both Content-Length and Transfer-Encoding",
    );
  }
  if (minorVersion === 0) {
    throw new Refusal(400, "Cannot read the request: HTTP/1.0 has no Transfer-Encoding");
  }
  return "chunked";
}

function expectsContinue(headers: Headers, minorVersion: 0 | 1): boolean {
  const expect = headers.single("expect");
  if (expect === undefined || minorVersion === 0) return false; // RFC 9110 section 10.1.1: HTTP/1.0 is not answered.
  if (expect.toLowerCase() === "100-continue") return true;
  throw new Refusal(417, "Cannot meet the expectation: only 100-continue is known");
}
