import type { BodyCursor } from "../http1/body-cursor.ts";
import { HeadScanner } from "../http1/head-scanner.ts";
import { openBody } from "../http1/open-body.ts";
import { Refusal } from "../http1/refusal.ts";
import { parseResponseHead, type ResponseHead } from "../http1/response-head.ts";
import type { RouterLimits } from "../limits.ts";
import { GatheredBytes } from "../../base/mod.ts";

/** Interim (1xx) responses that a rank may send before the response. */
const interimResponsesMax = 8;

/** A rank's answer to a POST, gathered in memory and taken out of its framing. */
export class WholeAnswer {
  head: ResponseHead | undefined;
  isDone = false;
  readonly #limits: RouterLimits;
  readonly #scanner: HeadScanner;
  readonly #gathered = new GatheredBytes();
  #body: BodyCursor | undefined;
  #interimCount = 0;
  #hasSpareBytes = false;

  constructor(limits: RouterLimits) {
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits.headBytesMax);
  }

  /** Gives its body away. */
  takeBody(): Buffer {
    return this.#gathered.take();
  }

  /** Whether the rank's connection can carry another request after this. */
  get leavesConnectionUsable(): boolean {
    return this.isDone && !this.#hasSpareBytes && this.head?.keepsAlive === true;
  }

  /** @throws Refusal for a rank that breaks the protocol or says more than prefillAnswerBytesMax */
  take(chunk: Buffer): void {
    let index = 0;
    while (this.head === undefined && index < chunk.length) index = this.#takeHead(chunk, index);
    if (this.#body === undefined) return;
    index = this.#body.advance(chunk, index, (from, to) => this.#keep(chunk.subarray(from, to)));
    this.isDone = this.#body.isDone;
    this.#hasSpareBytes ||= index < chunk.length;
  }

  /** The rank's connection ended in order. True when that is how this answer ends. */
  takeEnd(): boolean {
    this.isDone ||= this.head?.bodyLength === "close";
    return this.isDone;
  }

  #takeHead(chunk: Buffer, start: number): number {
    const end = this.#scanner.scan(chunk, start);
    if (end === -1) return chunk.length;
    const head = parseResponseHead(this.#scanner.text, "POST", this.#limits.headerCountMax);
    if (head.status >= 200) {
      this.head = head;
      const payloadBytesMax = this.#limits.prefillAnswerBytesMax;
      this.#body = openBody(head.bodyLength, { payloadBytesMax, allowsTrailers: true });
    } else if (head.status === 101 || ++this.#interimCount > interimResponsesMax) {
      throw new Refusal(502, "it changed the protocol or sent too many interim responses");
    }
    return end;
  }

  #keep(part: Buffer): void {
    const { prefillAnswerBytesMax } = this.#limits;
    if (this.#gathered.length + part.length > prefillAnswerBytesMax) {
      throw new Refusal(502, `its answer is longer than ${prefillAnswerBytesMax} bytes`);
    }
    this.#gathered.push(part);
  }
}
