/** The first line of a message and its fields, names in lower case. */
export interface MessageHead {
  readonly line: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Bytes of a body; "close": it ends with the connection. */
export type BodyLength = number | "chunked" | "close";

export interface MessageUser {
  /** Says how long the body is, or that another head follows. */
  onHead(head: MessageHead): BodyLength | "another head";
  onBody(text: string): void;
  onMessage(): void;
}

const lineEnd = "\r\n";

/**
 * Reads HTTP/1.1 messages one after the other. It knows nothing of the router's own reader, and takes less: what is not
 * written as plainly as can be is an error.
 */
export class MessageReader {
  readonly #user: MessageUser;
  #text = "";
  #left: BodyLength | "head" | "size" | "size end" | "trailer" = "head";
  #isChunked = false;

  constructor(user: MessageUser) {
    this.#user = user;
  }

  /** Whether the next byte begins a message. */
  get isBetween(): boolean {
    return this.#left === "head" && this.#text === "";
  }

  /** Whether it is in a body that the connection's end makes whole. */
  get endsWithConnection(): boolean {
    return this.#left === "close";
  }

  /** Where it stands, for people. */
  get place(): string {
    return typeof this.#left === "number" ? `${this.#left} bytes before the end` : this.#left;
  }

  /** @throws Error where this is no HTTP */
  read(bytes: Buffer): void {
    this.#text += bytes.toString("latin1");
    while (this.#step());
  }

  #step(): boolean {
    if (this.#text === "" && this.#left !== 0) return false;
    if (this.#left === "head") return this.#readHead();
    if (this.#left === "size") return this.#readSize();
    if (this.#left === "size end" || this.#left === "trailer") return this.#readEmptyLine();
    return this.#readBody();
  }

  #readHead(): boolean {
    const end = this.#text.indexOf(lineEnd + lineEnd);
    if (end === -1) return false;
    const [line, ...rest] = this.#text.slice(0, end).split(lineEnd);
    this.#text = this.#text.slice(end + 4);
    const fields = new Map<string, string>();
    for (const field of rest) {
      const match = /^([!-9;-~]+): ?([\t -~]*)$/.exec(field);
      if (match === null) throw new Error(`no field: ${JSON.stringify(field)}`);
      fields.set(match[1]!.toLowerCase(), match[2]!);
    }
    const length = this.#user.onHead({ line: line!, fields });
    if (length === "another head") return true;
    this.#isChunked = length === "chunked";
    this.#left = length === "chunked" ? "size" : length;
    return true;
  }

  #readSize(): boolean {
    const end = this.#text.indexOf(lineEnd);
    if (end === -1) return false;
    const size = this.#text.slice(0, end);
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) throw new Error(`no chunk size: ${JSON.stringify(size)}`);
    this.#text = this.#text.slice(end + 2);
    const byteCount = Number.parseInt(size, 16);
    this.#left = byteCount === 0 ? "trailer" : byteCount;
    return true;
  }

  #readEmptyLine(): boolean {
    if (this.#text.length < 2) return false;
    if (!this.#text.startsWith(lineEnd)) throw new Error(`no end: ${JSON.stringify(this.#text)}`);
    this.#text = this.#text.slice(2);
    if (this.#left === "trailer") this.#end();
    else this.#left = "size";
    return true;
  }

  #readBody(): boolean {
    const isOpen = this.#left === "close";
    const count = isOpen ? this.#text.length : Math.min(this.#text.length, this.#left as number);
    const text = this.#text.slice(0, count);
    this.#text = this.#text.slice(count);
    if (!isOpen) this.#left = (this.#left as number) - count;
    if (text !== "") this.#user.onBody(text);
    if (this.#left !== 0) return this.#text !== "";
    if (this.#isChunked) this.#left = "size end";
    else this.#end();
    return true;
  }

  #end(): void {
    this.#left = "head";
    this.#user.onMessage();
  }
}
