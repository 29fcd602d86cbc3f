import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type ErrorBody, sseContentType, sseDone, sseEvent } from "../../openai-api/mod.ts";
import type { Exchange } from "./exchange.ts";
import { ClientGoneError } from "./read-body.ts";

/** A response of server-sent events that never runs ahead of its reader. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #stallTimeoutMs: number;

  /** Sends the head of the response at once. */
  constructor(exchange: Exchange, options: { readonly stallTimeoutMs: number }) {
    this.#response = exchange.response;
    this.#signal = exchange.signal;
    this.#stallTimeoutMs = options.stallTimeoutMs;
    this.#response.writeHead(200, { "Content-Type": sseContentType, "Cache-Control": "no-cache" });
    this.#response.flushHeaders();
  }

  /**
   * Resolves when the reader has room for more.
   *
   * @throws ClientGoneError also when the reader takes nothing for the stall limit.
   */
  async send(value: unknown): Promise<void> {
    if (this.#signal.aborted) throw new ClientGoneError("the client closed the stream");
    if (!this.#response.write(sseEvent(value))) await this.#drained();
  }

  end(): void {
    this.#response.end(sseDone);
  }

  /** The status is sent long since; the error is the last event. */
  fail(body: ErrorBody): void {
    if (this.#signal.aborted) return;
    this.#response.end(sseEvent(body) + sseDone);
  }

  async #drained(): Promise<void> {
    const stall = setTimeout(() => this.#response.destroy(), this.#stallTimeoutMs);
    try {
      await once(this.#response, "drain", { signal: this.#signal });
    } catch (cause) {
      throw new ClientGoneError("the client does not read the stream", { cause });
    } finally {
      clearTimeout(stall);
    }
  }
}
