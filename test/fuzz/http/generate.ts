import { Random } from "./random.ts";
import type { Input } from "./reading.ts";
import * as words from "./vocabulary.ts";

/** Share of odd words among those drawn for an input that is to have some. */
const oddShare = 0.12;

/**
 * The input of this number: messages put together from words, with some odd ones among them, a few bytes changed in
 * some of them, cut into pieces somewhere. Seed and number say all of it.
 */
export function generate(seed: number, number: number): Input {
  const random = new Random(seed, number);
  const kind = random.chance(0.6) ? "request" : "response";
  const method = kind === "request" ? "" : random.mostly("POST", 0.3, ["GET", "HEAD", "HEAD"]);
  const writer = new Writer(random, random.chance(0.35) ? 0 : oddShare);
  const text = mutate(random, kind === "request" ? writer.requests() : writer.responses());
  const ends = kind === "response" && random.chance(0.5);
  return { kind, text, cuts: cutsOf(random, text.length), method, ends };
}

class Writer {
  readonly #random: Random;
  readonly #oddShare: number;

  constructor(random: Random, oddShare: number) {
    this.#random = random;
    this.#oddShare = oddShare;
  }

  requests(): string {
    const count = this.#random.mostly(1, 0.25, [2, 2, 3]);
    let text = this.#odd("", ["\r\n", "\n", " ", "\r\n\r\n"], 0.2);
    for (let index = 0; index < count; index++) text += this.#request();
    return text;
  }

  responses(): string {
    const interimCount = this.#random.mostly(0, 0.15, [1, 1, 2]);
    let text = this.#odd("", ["\r\n", "\n", " "], 0.2);
    for (let index = 0; index < interimCount; index++) {
      text += this.#statusLine(this.#random.pick(words.interimStatuses)) + this.#head(false, "");
    }
    const status = this.#random.pick(words.statuses);
    const [framing, body] = this.#framedBody();
    text += this.#statusLine(status) + this.#head(false, framing) + body;
    return this.#random.chance(0.1) ? `${text}${this.#random.pick(words.contents)}` : text;
  }

  #request(): string {
    const [framing, body] = this.#random.chance(0.35) ? ["", ""] : this.#framedBody();
    const method = this.#odd(this.#random.pick(words.methods), words.oddMethods);
    const target = this.#odd(this.#random.pick(words.targets), words.oddTargets);
    const version = this.#odd("HTTP/1.1", words.oddVersions);
    const blank = this.#odd(" ", ["  ", "\t", ""], 0.3);
    const line = `${method}${blank}${target} ${version}${this.#lineEnd()}`;
    return line + this.#head(true, framing) + body;
  }

  #statusLine(status: string): string {
    const version = this.#odd("HTTP/1.1", words.oddVersions);
    const reason = this.#odd(this.#random.pick(words.reasons), words.oddReasons);
    return `${version} ${this.#odd(status, words.oddStatuses)}${reason}${this.#lineEnd()}`;
  }

  /** Field lines in any order and the empty line. */
  #head(hasHost: boolean, framing: string): string {
    const lines: string[] = [];
    if (hasHost && !this.#isOdd(0.5)) lines.push("Host: x");
    for (let count = this.#random.below(4); count > 0; count--) {
      lines.push(this.#odd(this.#random.pick(words.fields), words.oddFields, 2));
    }
    if (this.#isOdd(0.1)) lines.push(`X-Long: ${"a".repeat(400 + this.#random.below(300))}`);
    if (this.#isOdd(0.1))
      for (let count = 10 + this.#random.below(30); count > 0; count--) lines.push("x-a: b");
    if (framing !== "") lines.splice(this.#random.below(lines.length + 1), 0, framing);
    let text = "";
    for (const line of lines) text += line + this.#lineEnd();
    return text + this.#lineEnd();
  }

  /** Field lines that say where the body ends, and the body, which ends there in most cases. */
  #framedBody(): readonly [string, string] {
    const random = this.#random;
    const draw = random.below(20);
    if (draw < 8) return [this.#coding(), this.#chunked()];
    if (draw < 16) {
      const content = this.#content();
      return [this.#length(content.length), content + this.#odd("", ["x", "\r\n", "\n"], 0.5)];
    }
    if (draw < 17) return ["", this.#content()];
    const content = random.chance(0.5) ? this.#chunked() : this.#content();
    const both = [this.#coding(), this.#length(content.length)];
    return [(random.chance(0.5) ? both : both.toReversed()).join("\r\n"), content];
  }

  #coding(): string {
    return this.#odd("Transfer-Encoding: chunked", words.codings, 2);
  }

  #length(length: number): string {
    const isOff = this.#isOdd(0.5);
    const said = isOff ? Math.max(0, length + this.#random.below(5) - 2) : length;
    return this.#isOdd(2) ? this.#random.pick(words.lengthForms)(said) : `Content-Length: ${said}`;
  }

  #content(): string {
    const content = this.#random.pick(words.contents);
    return this.#random.chance(0.02) ? content.repeat(1 + this.#random.below(40)) : content;
  }

  #chunked(): string {
    let text = "";
    for (let count = this.#random.below(4); count > 0; count--) {
      const content = this.#content();
      const end = this.#odd("\r\n", words.oddChunkEnds, 0.5);
      text += this.#sizeLine(content.length) + content + end;
    }
    const trailers = this.#isOdd(1) ? this.#random.pick(words.trailers) : "";
    const more = trailers !== "" && this.#isOdd(1) ? "X-Long: ".padEnd(9_000, "a") + "\r\n" : "";
    return `${text}${this.#sizeLine(0)}${trailers}${more}${this.#lineEnd()}`;
  }

  #sizeLine(length: number): string {
    const off = this.#isOdd(0.3) ? this.#random.below(3) - 1 : 0;
    const size = Math.max(0, length + off).toString(16);
    return this.#isOdd(1) ? this.#random.pick(words.sizeForms)(size) : `${size}\r\n`;
  }

  #lineEnd(): string {
    return this.#odd(words.lineEnd, words.oddLineEnds, 0.2);
  }

  #isOdd(weight: number): boolean {
    return this.#oddShare > 0 && this.#random.chance(this.#oddShare * weight);
  }

  #odd(usual: string, others: readonly string[], weight = 1): string {
    return this.#isOdd(weight) ? this.#random.pick(others) : usual;
  }
}

/** Changes up to three bytes of some texts, and ends others early. */
function mutate(random: Random, text: string): string {
  if (random.chance(0.03)) return text.slice(0, random.below(text.length));
  if (!random.chance(0.3)) return text;
  let changed = text;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(changed.length + 1);
    const byte = random.chance(0.6)
      ? random.pick(words.bytes)
      : String.fromCharCode(random.below(256));
    const draw = random.below(4);
    const rest = changed.slice(at + (draw < 2 ? 1 : 0));
    changed = changed.slice(0, at) + (draw === 0 ? "" : byte) + rest;
  }
  return changed;
}

/** Where an input of this length is cut: nowhere, in one place or a few, or everywhere. */
function cutsOf(random: Random, length: number): readonly number[] {
  if (length < 2 || random.chance(0.5)) return [];
  if (length < 200 && random.chance(0.05))
    return Array.from({ length: length - 1 }, (_, index) => index + 1);
  const cuts = new Set<number>();
  for (let count = 1 + random.below(4); count > 0; count--) cuts.add(1 + random.below(length - 1));
  return [...cuts].sort((one, other) => one - other);
}
