import type { Request, RequestClient } from "../accept/request.ts";
import type { RequestHead } from "../http1/request-head.ts";
import { IdempotencyDigest } from "./idempotency-digest.ts";
import type { IdempotencyEntry } from "./idempotency-entry.ts";

export interface IdempotentRequestOptions {
  readonly head: RequestHead;
  readonly client: RequestClient;
  /** Makes the request that answers this client. */
  readonly open: (client: RequestClient) => Request;
  /** It gets the answer to the one before it. */
  readonly onJoined?: () => void;
  /** It was answered with this status without a rank. */
  readonly onRefused: (status: number) => void;
}

/** The request that does the work. */
export class FirstRequest implements Request {
  readonly #entry: IdempotencyEntry;
  readonly #digest: IdempotencyDigest;

  constructor(entry: IdempotencyEntry, head: RequestHead) {
    this.#entry = entry;
    this.#digest = new IdempotencyDigest(head);
  }

  start(): boolean {
    return this.#entry.request.start();
  }

  onBody(bytes: Buffer): boolean {
    this.#digest.push(bytes);
    return this.#entry.request.onBody(bytes);
  }

  onBodyEnd(): void {
    this.#entry.digest = this.#digest.take();
    this.#entry.request.onBodyEnd();
  }

  onClientDrain(): void {
    this.#entry.request.onClientDrain();
  }

  onClientGone(status?: number): void {
    this.#entry.leave(status);
  }
}

/** A request that came before: it is read to its end to see that it is the same, and then gets the first one's answer. */
export class RepeatedRequest implements Request {
  readonly #find: () => IdempotencyEntry | undefined;
  readonly #options: IdempotentRequestOptions;
  readonly #digest: IdempotencyDigest;
  #entry: IdempotencyEntry | undefined;

  constructor(find: () => IdempotencyEntry | undefined, options: IdempotentRequestOptions) {
    this.#find = find;
    this.#options = options;
    this.#digest = new IdempotencyDigest(options.head);
  }

  start(): boolean {
    return true;
  }

  onBody(bytes: Buffer): boolean {
    this.#digest.push(bytes);
    return true;
  }

  onBodyEnd(): void {
    const digest = this.#digest.take();
    const entry = this.#find();
    const again = "send it again";
    if (entry === undefined) return this.#refuse(409, `the one before it ended just now, ${again}`);
    if (entry.digest === undefined) {
      return this.#refuse(409, `the body of the one before it has not come yet, ${again} later`);
    }
    if (entry.digest !== digest) {
      return this.#refuse(422, "its Idempotency-Key belongs to another request, use a new one");
    }
    if (!entry.tape.isPlayable) {
      return this.#refuse(409, "the answer to the one before it is too long to be given twice");
    }
    this.#entry = entry;
    this.#options.onJoined?.();
    entry.join(this.#options.client);
  }

  onClientDrain(): void {
    this.#entry?.request.onClientDrain();
  }

  onClientGone(): void {
    this.#entry?.leave();
  }

  #refuse(status: number, reason: string): void {
    this.#options.onRefused(status);
    const headers = status === 409 ? ["retry-after: 1"] : [];
    this.#options.client.refuse(status, `Cannot repeat the request: ${reason}`, headers);
  }
}
