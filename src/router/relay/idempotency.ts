import { hash } from "node:crypto";
import type { Request } from "../accept/request.ts";
import { Refusal } from "../http1/refusal.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RouterLimits } from "../limits.ts";
import type { Clock } from "../net/clock.ts";
import { IdempotencyEntry } from "./idempotency-entry.ts";
import {
  FirstRequest,
  type IdempotentRequestOptions,
  RepeatedRequest,
} from "./idempotency-request.ts";

const keyLengthMax = 255;

/**
 * The Idempotency-Key of a request that may come again: of a POST with one.
 * @throws Refusal for a key that is empty, too long or there twice
 */
export function idempotencyKeyOf({
  method,
  minorVersion,
  headers,
}: RequestHead): string | undefined {
  const key = headers.single("idempotency-key");
  if (key === undefined || method !== "POST" || minorVersion === 0) return undefined;
  if (key.length > 0 && key.length <= keyLengthMax) return key;
  const message = `Cannot read the request: its Idempotency-Key has ${key.length} characters, expected 1 to ${keyLengthMax}`;
  throw new Refusal(400, message);
}

/**
 * Requests that clients may send again, by key: the first one does the work, goes on for a while when its client has
 * left, and its answer, as far as it has come, goes to whoever sends the same request again. So a client that lost its
 * connection costs no second generation. Only answers that repeating would not better are kept once they are whole.
 */
export class IdempotentRequests {
  readonly #clock: Clock;
  readonly #limits: RouterLimits;
  /** By owner and key, oldest first. */
  readonly #entries = new Map<string, IdempotencyEntry>();
  #byteCount = 0;
  #isDraining = false;

  constructor(clock: Clock, limits: RouterLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Bytes of all answers that are kept. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /**
   * The request for a client that names this key; the head is the client's own, with its API key. Undefined where it
   * was refused: more keys cannot be remembered.
   */
  open(key: string, options: IdempotentRequestOptions): Request | undefined {
    const { head, client, open, onRefused } = options;
    const owner = head.headers.get("authorization") ?? "";
    const name = hash("sha256", `${owner}\n${key}`, "base64");
    if (this.#entries.has(name)) return new RepeatedRequest(() => this.#entries.get(name), options);
    if (this.#entries.size >= this.#limits.idempotencyKeysMax && !this.#forgetOldest()) {
      onRefused(503);
      const message = `Cannot remember the request: all ${this.#entries.size} places for requests with a key are taken`;
      client.refuse(503, message, ["retry-after: 1"]);
      return undefined;
    }
    const entry = new IdempotencyEntry(client, open, {
      clock: this.#clock,
      limits: this.#limits,
      isDraining: () => this.#isDraining,
      takeRoom: (byteCount) => this.#takeRoom(byteCount),
      giveRoomBack: (byteCount) => void (this.#byteCount -= byteCount),
      onForgotten: () => void this.#entries.delete(name),
    });
    this.#entries.set(name, entry);
    return new FirstRequest(entry, head);
  }

  /** No request comes any more: those without a client end. */
  drain(): void {
    this.#isDraining = true;
    for (const entry of this.#entries.values()) if (!entry.hasClient) entry.forget();
  }

  #takeRoom(byteCount: number): boolean {
    const { idempotencyBytesMax } = this.#limits;
    while (this.#byteCount + byteCount > idempotencyBytesMax) {
      if (!this.#forgetOldest()) return false;
    }
    this.#byteCount += byteCount;
    return true;
  }

  /** Forgets the oldest answer that is whole. False where there is none. */
  #forgetOldest(): boolean {
    for (const entry of this.#entries.values()) {
      if (!entry.isWhole) continue;
      entry.forget();
      return true;
    }
    return false;
  }
}
