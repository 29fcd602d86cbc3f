import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { RequestHead } from "../http1/request-head.ts";

/** The keys that clients may show. They are kept as digests only, so that nothing that prints this prints a key. */
export class ApiKeys {
  readonly #salt = randomBytes(32);
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map((key) => this.#digest(key));
  }

  get count(): number {
    return this.#digests.length;
  }

  /** Takes the same time for every key: each digest is compared to its end, and after a match the others too. */
  has(key: string): boolean {
    const digest = this.#digest(key);
    let isKnown = false;
    for (const known of this.#digests) isKnown = timingSafeEqual(known, digest) || isKnown;
    return isKnown;
  }

  #digest(key: string): Buffer {
    return createHmac("sha256", this.#salt).update(key, "latin1").digest();
  }
}

/** RFC 6750 section 2.1, with any visible characters in the key, as vLLM takes them. */
const bearer = /^bearer +([!-~]+)$/i;

/**
 * The key of a request, as it stands in its Authorization header.
 * @throws Refusal where there are two such headers.
 */
export function keyOf({ headers }: RequestHead): string | undefined {
  return bearer.exec(headers.single("authorization") ?? "")?.[1];
}
