import { createHash } from "node:crypto";
import type { BodyCursor } from "../http1/body-cursor.ts";
import { openBody } from "../http1/open-body.ts";
import type { RequestHead } from "../http1/request-head.ts";

/** Tells requests apart by what they ask: method, target and body, however the body is framed. */
export class IdempotencyDigest {
  readonly #hash = createHash("sha256");
  /** Finds the content of a body in chunks. */
  readonly #cursor: BodyCursor | undefined;

  constructor({ method, target, bodyLength }: RequestHead) {
    this.#hash.update(`${method} ${target}\n`);
    if (bodyLength === "chunked") this.#cursor = openBody("chunked", checkedBody);
  }

  push(bytes: Buffer): void {
    if (this.#cursor === undefined) this.#hash.update(bytes);
    else {
      this.#cursor.advance(
        bytes,
        0,
        (from, to) => void this.#hash.update(bytes.subarray(from, to)),
      );
    }
  }

  /** To be called once. */
  take(): string {
    return this.#hash.digest("base64");
  }
}

/** The client's connection has checked the framing and the length by then. */
const checkedBody = { payloadBytesMax: Infinity, allowsTrailers: false };
