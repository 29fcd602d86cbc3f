import type { BodyCursor } from "../../../src/router/http1/body-cursor.ts";
import { HeadScanner } from "../../../src/router/http1/head-scanner.ts";
import { type Headers, parseHeaders } from "../../../src/router/http1/headers.ts";
import { openBody } from "../../../src/router/http1/open-body.ts";
import { Refusal } from "../../../src/router/http1/refusal.ts";
import { parseRequestHead } from "../../../src/router/http1/request-head.ts";
import { parseResponseHead } from "../../../src/router/http1/response-head.ts";
import { type Input, type Message, piecesOf, type Reading } from "./reading.ts";

/** Small, so that inputs reach them. */
export const limits = Object.freeze({ headBytesMax: 600, headerCountMax: 16, bodyBytesMax: 300 });

/** What the router's parsers make of the input, put together as the router puts them together. */
export function readAsPenstock(input: Input): Reading {
  const reader = new PenstockReader(input);
  const { messages } = reader;
  try {
    for (const piece of piecesOf(Buffer.from(input.text, "latin1"), input.cuts)) reader.read(piece);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { takenByteCount } = reader;
    return { messages, end: "refused", why: `${error.status} ${error.message}`, takenByteCount };
  }
  if (input.ends) reader.readEnd();
  const { takenByteCount } = reader;
  return { messages, end: reader.isOver ? "over" : "open", why: "", takenByteCount };
}

class PenstockReader {
  readonly messages: Message[] = [];
  isOver = false;
  takenByteCount = 0;
  readonly #input: Input;
  readonly #scanner = new HeadScanner(limits.headBytesMax);
  #body: BodyCursor | undefined;
  #endsWithConnection = false;
  #trailers = "";
  /** Bytes before the piece in hand. */
  #byteCount = 0;

  constructor(input: Input) {
    this.#input = input;
  }

  read(piece: Buffer): void {
    let index = 0;
    while (index < piece.length && !this.isOver) {
      const isInHead = this.#body === undefined;
      index = isInHead ? this.#readHead(piece, index) : this.#readBody(piece, index);
      if (this.#body?.isDone !== true) continue;
      this.#completeMessage();
      this.takenByteCount = this.#byteCount + index;
    }
    this.#byteCount += piece.length;
  }

  readEnd(): void {
    if (this.#body === undefined || !this.#endsWithConnection) return;
    this.#completeMessage();
  }

  #readHead(piece: Buffer, start: number): number {
    const end = this.#scanner.scan(piece, start);
    if (end === -1) return piece.length;
    if (this.#input.kind === "request") this.#beginRequest(this.#scanner.text);
    else this.#beginResponse(this.#scanner.text);
    return end;
  }

  #beginRequest(text: string): void {
    const head = parseRequestHead(text, limits.headerCountMax);
    this.#body = openBody(head.bodyLength, {
      payloadBytesMax: limits.bodyBytesMax,
      allowsTrailers: true,
    });
    const { method, target, keepsAlive } = head;
    const version = `1.${head.minorVersion}`;
    const fields = fieldsOf(head.headers);
    const body = { body: "", trailers: [], isComplete: false };
    this.messages.push({
      method,
      target,
      status: 0,
      reason: "",
      version,
      fields,
      keepsAlive,
      ...body,
    });
  }

  #beginResponse(text: string): void {
    const head = parseResponseHead(text, this.#input.method, limits.headerCountMax);
    if (head.status === 101) throw new Refusal(502, "The rank changed the protocol unasked");
    this.#body = openBody(head.bodyLength, { payloadBytesMax: Infinity, allowsTrailers: true });
    this.#endsWithConnection = head.bodyLength === "close";
    const { status, reason } = head;
    const keepsAlive = head.keepsAlive && !this.#endsWithConnection;
    const version = text.slice("HTTP/".length, "HTTP/1.1".length);
    const fields = fieldsOf(head.headers);
    const body = { body: "", trailers: [], isComplete: false };
    this.messages.push({
      method: "",
      target: "",
      status,
      reason,
      version,
      fields,
      keepsAlive,
      ...body,
    });
  }

  #readBody(piece: Buffer, start: number): number {
    const message = this.messages.at(-1)!;
    const end = this.#body!.advance(piece, start, (from, to) => {
      message.body += piece.toString("latin1", from, to);
    });
    const { trailersStart, trailersEnd } = this.#body!;
    if (trailersEnd > trailersStart) {
      this.#trailers += piece.toString("latin1", trailersStart, trailersEnd);
    }
    return end;
  }

  #completeMessage(): void {
    const message = this.messages.at(-1)!;
    message.isComplete = true;
    message.trailers = fieldsOf(parseHeaders(this.#trailers, 0, Infinity));
    this.#trailers = "";
    this.#body = undefined;
    this.isOver = message.status === 0 ? !message.keepsAlive : message.status >= 200;
  }
}

function fieldsOf({ names, values }: Headers): string[] {
  const fields: string[] = [];
  for (const [index, name] of names.entries()) fields.push(name, values[index]!);
  return fields;
}
