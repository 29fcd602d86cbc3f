import assert from "node:assert/strict";

const headEnd = Buffer.from("\r\n\r\n");
const headBytesMax = 16_384;
const sizeLineBytesMax = 64;

/** Reads the answers of one connection and compares status and length with what they must be. */
export class AnswerReader {
  readonly #bodyBytes: number;
  #head: Buffer | undefined;
  /** Body bytes until now, without chunk framing. */
  #read = 0;
  #chunks: ChunkReader | undefined;
  #isInBody = false;

  constructor(bodyBytes: number) {
    this.#bodyBytes = bodyBytes;
  }

  /**
   * Takes what came from the socket. Says how many body bytes were in it and whether the answer is over.
   *
   * @throws AssertionError The answer is not the one that the rank gave.
   */
  take(bytes: Buffer): { readonly bodyBytes: number; readonly isOver: boolean } {
    const rest = this.#isInBody ? bytes : this.#takeHead(bytes);
    if (rest === undefined) return { bodyBytes: 0, isOver: false };
    const isPlain = this.#chunks === undefined;
    const bodyBytes = this.#chunks?.take(rest) ?? rest.length;
    this.#read += bodyBytes;
    assert.ok(this.#read <= this.#bodyBytes, `answer is longer than ${this.#bodyBytes} bytes`);
    const isOver = isPlain ? this.#read === this.#bodyBytes : this.#chunks?.isOver === true;
    if (isOver) this.#finish();
    return { bodyBytes, isOver };
  }

  #takeHead(bytes: Buffer): Buffer | undefined {
    const all = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(headEnd);
    if (end < 0) {
      assert.ok(all.length <= headBytesMax, "head of an answer has no end");
      this.#head = all;
      return undefined;
    }
    const head = all.toString("latin1", 0, end);
    assert.match(
      head,
      /^HTTP\/1\.1 200 /,
      `answer is ${JSON.stringify(all.toString("latin1", 0, 300))}`,
    );
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      assert.match(head, /\r\ntransfer-encoding: *chunked/i, `answer has no length: ${head}`);
      this.#chunks = new ChunkReader();
    } else assert.equal(Number(length), this.#bodyBytes, "length of an answer");
    this.#head = undefined;
    this.#isInBody = true;
    return all.subarray(end + headEnd.length);
  }

  #finish(): void {
    assert.equal(this.#read, this.#bodyBytes, "bytes of an answer");
    this.#read = 0;
    this.#chunks = undefined;
    this.#isInBody = false;
  }
}

/** Counts what is in the chunks of one body: RFC 9112 §7.1, without extensions and trailers. */
class ChunkReader {
  isOver = false;
  #line = "";
  /** Bytes of the chunk that is being read, with its CRLF. */
  #missing = 0;
  #isLast = false;

  /** Gives how many of the bytes are the body's own. */
  take(bytes: Buffer): number {
    let bodyBytes = 0;
    let offset = 0;
    while (offset < bytes.length) {
      assert.ok(!this.isOver, "bytes behind the end of an answer");
      if (this.#missing === 0) offset = this.#takeLine(bytes, offset);
      else {
        const count = Math.min(this.#missing, bytes.length - offset);
        bodyBytes += Math.max(0, Math.min(count, this.#missing - 2));
        this.#missing -= count;
        offset += count;
      }
    }
    return bodyBytes;
  }

  #takeLine(bytes: Buffer, offset: number): number {
    const end = bytes.indexOf("\n", offset);
    const stop = end < 0 ? bytes.length : end + 1;
    this.#line += bytes.toString("latin1", offset, stop);
    assert.ok(this.#line.length <= sizeLineBytesMax, "chunk size of an answer has no end");
    if (end < 0) return stop;
    const line = this.#line.trimEnd();
    this.#line = "";
    if (this.#isLast) {
      assert.equal(line, "", "end of an answer");
      this.isOver = true;
    } else {
      assert.match(line, /^[0-9a-f]{1,8}$/i, "chunk size of an answer");
      const size = Number.parseInt(line, 16);
      this.#isLast = size === 0;
      this.#missing = this.#isLast ? 0 : size + 2;
    }
    return stop;
  }
}
