import { STATUS_CODES } from "node:http";

/** An answer that the router gives itself. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Further field lines without their CRLF. */
  readonly headers?: readonly string[];
}

export interface AnswerConnection {
  readonly keepsAlive: boolean;
  /** The client's HTTP/1 minor version: HTTP/1.0 must be told that the connection stays. */
  readonly minorVersion: 0 | 1;
}

/** The head of an answer, empty line included. */
export function answerHead(answer: Answer, connection: AnswerConnection): string {
  const lines = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? "Unknown"}`,
    `content-type: ${answer.contentType}`,
    `content-length: ${Buffer.byteLength(answer.body)}`,
    ...(answer.headers ?? []),
    ...connectionLine(connection),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The Connection line that the client needs, if any. */
export function connectionLine(connection: AnswerConnection): readonly string[] {
  if (!connection.keepsAlive) return ["connection: close"];
  return connection.minorVersion === 0 ? ["connection: keep-alive"] : [];
}
