import { createRequire } from "node:module";
import { type Input, type Message, piecesOf, type Reading } from "./reading.ts";

/**
 * The parser under Node's own server and client. It is no documented part of Node: node-parser.test.ts shows that the
 * two read the same with it as with what is made of it here, at a tenth of the price of a connection each.
 */
interface HttpParser {
  initialize(kind: number, resource: object, headBytesMax: number, lenience: number): void;
  /** Bytes read, or an Error with a code. */
  execute(bytes: Buffer): number | NodeJS.ErrnoException;
  /** The connection ended. */
  finish(): undefined | NodeJS.ErrnoException;
  [event: number]: (...given: never) => unknown;
}

interface HttpParserClass {
  new (): HttpParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kLenientNone: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const { HTTPParser, methods } = createRequire(import.meta.url)("_http_common") as {
  readonly HTTPParser: HttpParserClass;
  readonly methods: readonly string[];
};
const headBytesMax = 65_536;

/** Head as the parser gives it; fields and target are missing where they came before, in pieces. */
interface Head {
  readonly version: string;
  readonly fields: readonly string[] | undefined;
  readonly method: number;
  readonly target: string | undefined;
  readonly status: number;
  readonly reason: string;
  readonly upgrades: boolean;
  readonly keepsAlive: boolean;
}

type HeadGiven = readonly [
  major: number,
  minor: number,
  fields: readonly string[] | undefined,
  method: number,
  target: string | undefined,
  status: number,
  reason: string,
  upgrades: boolean,
  keepsAlive: boolean,
];

/** What the parser wants to hear when a head is complete. */
const readsBody = 0;
const skipsBody = 1;
const leavesHttp = 2;

/** What Node's server or client makes of the input. */
export function readAsNode(input: Input): Reading {
  return reader.readAll(input);
}

/** Made once and begun anew for each connection, as Node does it. */
class NodeReader {
  #input!: Input;
  #messages: Message[] = [];
  #end: Reading["end"] = "open";
  #why = "";
  /** Fields that came and belong to no message yet. */
  #fields: string[] = [];
  #target = "";
  #hasHead = false;
  #upgrades = false;
  readonly #parser = new HTTPParser();

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnHeaders] = (fields: readonly string[], target: string) => {
      this.#fields.push(...fields);
      this.#target += target;
    };
    parser[HTTPParser.kOnHeadersComplete] = (...given: HeadGiven) => this.#onHead(headOf(given));
    parser[HTTPParser.kOnBody] = (bytes: Buffer) => {
      if (this.#end === "open") this.#messages.at(-1)!.body += bytes.toString("latin1");
    };
    parser[HTTPParser.kOnMessageComplete] = () => this.#onComplete();
  }

  readAll(input: Input): Reading {
    this.#begin(input);
    for (const piece of piecesOf(Buffer.from(input.text, "latin1"), input.cuts)) {
      if (!this.#read(piece)) break;
    }
    if (input.ends && this.#end === "open") this.#parser.finish();
    return { messages: this.#messages, end: this.#end, why: this.#why, takenByteCount: 0 };
  }

  #begin(input: Input): void {
    this.#input = input;
    this.#messages = [];
    this.#end = "open";
    this.#why = "";
    this.#fields = [];
    this.#target = "";
    this.#hasHead = false;
    const kind = input.kind === "request" ? HTTPParser.REQUEST : HTTPParser.RESPONSE;
    this.#parser.initialize(kind, {}, headBytesMax, HTTPParser.kLenientNone);
  }

  #read(piece: Buffer): boolean {
    const read = this.#parser.execute(piece);
    if (typeof read !== "number" && this.#end === "open") this.#refuse(read.code ?? read.message);
    return this.#end === "open";
  }

  #onHead(head: Head): number {
    if (this.#end !== "open") return readsBody;
    const fields = lowerNames(head.fields ?? this.#fields);
    const target = head.target ?? this.#target;
    this.#fields = [];
    this.#target = "";
    this.#upgrades = head.upgrades;
    this.#why = head.upgrades ? "upgrade" : "";
    const what = { fields, body: "", trailers: [], isComplete: false };
    const { version, keepsAlive } = head;
    if (this.#input.kind === "request") {
      return this.#onRequest({
        ...noResponse,
        ...what,
        method: nameOf(head.method),
        target,
        version,
        keepsAlive,
      });
    }
    const { status, reason } = head;
    return this.#onResponse({ ...noRequest, ...what, status, reason, version, keepsAlive });
  }

  /** What Node's server looks at in a head, beyond its parser. */
  #onRequest(message: Message): number {
    const { method, version, fields } = message;
    if (method === "CONNECT" || method === "PRI") this.#refuse(method);
    else if (version === "1.1" && valueOf(fields, "host") === undefined) this.#refuse("no Host");
    else if (
      version === "1.1" &&
      !/(?:^|\W)100-continue(?:$|\W)/i.test(valueOf(fields, "expect") ?? "100-continue")
    ) {
      this.#refuse("Expect");
    } else this.#push(message);
    return method === "CONNECT" ? leavesHttp : readsBody;
  }

  /** And its client. */
  #onResponse(message: Message): number {
    if (this.#upgrades) {
      this.#refuse("upgrade");
      return leavesHttp;
    }
    this.#push(message);
    const { status } = message;
    return status < 200 || status === 304 || this.#input.method === "HEAD" ? skipsBody : readsBody;
  }

  #push(message: Message): void {
    this.#messages.push(message);
    this.#hasHead = true;
  }

  #onComplete(): void {
    if (this.#end !== "open" || !this.#hasHead) return;
    const message = this.#messages.at(-1)!;
    message.trailers = lowerNames(this.#fields);
    message.isComplete = true;
    this.#fields = [];
    this.#target = "";
    this.#hasHead = false;
    const isRequest = this.#input.kind === "request";
    const isLast = isRequest ? !message.keepsAlive || this.#upgrades : message.status >= 200;
    if (isLast) this.#end = "over";
  }

  #refuse(why: string): void {
    this.#end = "refused";
    this.#why = why;
  }
}

const reader = new NodeReader();
const noResponse = { status: 0, reason: "" };
const noRequest = { method: "", target: "" };

function headOf(given: HeadGiven): Head {
  const [major, minor, fields, method, target, status, reason, upgrades, keepsAlive] = given;
  const version = `${major}.${minor}`;
  return { version, fields, method, target, status, reason, upgrades, keepsAlive };
}

/** The parser counts methods in an order of its own, in which RTSP has a part: the last of HTTP stands behind it. */
function nameOf(method: number): string {
  if (method === 34) return "PRI";
  return method < 34 ? methods[method]! : methods.at(-1)!;
}

function lowerNames(fields: readonly string[]): string[] {
  return fields.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] === name) return fields[index + 1];
  }
  return undefined;
}
