import type { AdmissionQueue, Waiter } from "./admission-queue.ts";
import type { Request, RequestClient } from "./request.ts";

export interface QueuedRequestOptions {
  readonly client: RequestClient;
  /** Makes the request once it may begin; it gives its place back itself when it is over. */
  readonly open: () => Request;
  /** It was answered with this status without a beginning. */
  readonly onRefused: (status: number) => void;
  /** Its client left before it could begin. */
  readonly onLeft: (status: number | undefined) => void;
}

/**
 * A request that waits for its place: what has come of its body is kept, and the rest stays in the kernel. A client
 * that leaves is felt at once, unless it leaves with a part of its body unread: then when it is the request's turn.
 */
export class QueuedRequest implements Request, Waiter {
  readonly #queue: AdmissionQueue;
  readonly #options: QueuedRequestOptions;
  #held: Buffer[] = [];
  #hasBodyEnded = false;
  #request: Request | undefined;

  constructor(queue: AdmissionQueue, options: QueuedRequestOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  start(): boolean {
    const { client, onRefused } = this.#options;
    if (this.#queue.wait(this)) return true;
    onRefused(429);
    const { atWorkCount, waitingCount } = this.#queue;
    const message = `Cannot take the request: all ${atWorkCount} places are taken, and ${waitingCount} requests wait for one`;
    client.refuse(429, message, [`retry-after: ${this.#queue.retryAfterSeconds}`]);
    return false;
  }

  onBody(bytes: Buffer): boolean {
    if (this.#request !== undefined) return this.#request.onBody(bytes);
    this.#held.push(Buffer.from(bytes));
    return false;
  }

  onBodyEnd(): void {
    this.#hasBodyEnded = true;
    this.#request?.onBodyEnd();
  }

  onClientDrain(): void {
    this.#request?.onClientDrain();
  }

  onClientGone(status?: number): void {
    if (this.#request !== undefined) return this.#request.onClientGone(status);
    this.#queue.withdraw(this);
    this.#options.onLeft(status);
  }

  onAdmitted(): void {
    const request = this.#options.open();
    this.#request = request;
    const held = this.#held;
    this.#held = [];
    if (!request.start()) return;
    let takesMore = true;
    for (const bytes of held) takesMore = request.onBody(bytes);
    if (this.#hasBodyEnded) request.onBodyEnd();
    else if (takesMore) this.#options.client.resumeBody();
  }

  onTurnedAway(reason: string): void {
    this.#held = [];
    this.#options.onRefused(503);
    const headers = [`retry-after: ${this.#queue.retryAfterSeconds}`];
    this.#options.client.refuse(503, `Cannot serve the request: ${reason}`, headers);
  }
}
