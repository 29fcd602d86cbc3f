import { endOfLine, type Headers, parseHeaders } from "./headers.ts";
import { contentLength, isChunked } from "./message-length.ts";
import { Refusal } from "./refusal.ts";

export interface ResponseHead {
  readonly status: number;
  /** May be empty. */
  readonly reason: string;
  readonly headers: Headers;
  /** Bytes of the body, 0 when there is none; "close": it ends with the connection. */
  readonly bodyLength: number | "chunked" | "close";
  /** Whether the rank means to use the connection again. */
  readonly keepsAlive: boolean;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t -~\x80-\xff]*))?$/;

/**
 * Reads a response's head as {@linkcode HeadScanner} gives it. `method` is the request's: HEAD has no body.
 * @throws Refusal for a rank that breaks the protocol; the same ambiguities are refused as in requests.
 */
export function parseResponseHead(
  head: string,
  method: string,
  headerCountMax: number,
): ResponseHead {
  const lineEnd = endOfLine(head, 0);
  const line = statusLine.exec(head.slice(0, lineEnd));
  if (line === null) throw new Refusal(502, "Cannot read the response: it has no status line");
  const status = Number(line[2]);
  const headers = parseHeaders(head, lineEnd + 2, headerCountMax);
  const connection = headers.tokens("connection");
  const bodyLength = responseBodyLength(headers, status);
  return {
    status,
    reason: line[3] ?? "",
    headers,
    bodyLength: method === "HEAD" || hasNoBody(status) ? 0 : bodyLength,
    keepsAlive: line[1] === "1" ? !connection.includes("close") : connection.includes("keep-alive"),
  };
}

/** RFC 9112 section 6.3. */
function responseBodyLength(headers: Headers, status: number): number | "chunked" | "close" {
  const length = contentLength(headers);
  if (!isChunked(headers)) return length ?? "close";
  if (length !== undefined || status < 200 || status === 204) {
    throw new Refusal(502, "Cannot read the response: its Transfer-Encoding is out of place");
  }
  return "chunked";
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
