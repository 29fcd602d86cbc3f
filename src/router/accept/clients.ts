import { errorBody } from "../../openai-api/mod.ts";
import type { ByteStream } from "../net/byte-stream.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import { nobody } from "../net/nobody.ts";
import { answerHead } from "./answer.ts";
import { ClientConnection, type ClientConnectionHost } from "./client-connection.ts";

/** All connections of clients, whatever listener they came in through. */
export class Clients {
  readonly #host: ClientConnectionHost;
  readonly #clock: Clock;
  readonly #connections = new Set<ClientConnection>();
  #onEmpty: (() => void) | undefined;

  constructor(host: ClientConnectionHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  get count(): number {
    return this.#connections.size;
  }

  /** Takes a connected stream over. One too many gets an answer and no place. */
  take(stream: ByteStream): void {
    if (this.#connections.size >= this.#host.limits.connectionsMax) return this.#refuse(stream);
    const connection = new ClientConnection(stream, this.#host, () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#onEmpty?.();
    });
    this.#connections.add(connection);
  }

  /** Closes connections without a request and lets the others close after their answers, for at most this time. */
  async drain(limitMs: number): Promise<void> {
    for (const connection of this.#connections) if (connection.isIdle) connection.closeUnused();
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const cancel: Cancel = this.#clock.after(limitMs, resolve);
    await promise;
    cancel();
  }

  /** Cuts all connections. */
  abort(): void {
    for (const connection of this.#connections) connection.abort();
  }

  /** Closed behind the answer, or without it where the client does not take it. */
  #refuse(stream: ByteStream): void {
    this.#host.onRefused(503);
    const { connectionsMax, lingerMsMax } = this.#host.limits;
    const message = `Cannot take the connection: all ${connectionsMax} are in use`;
    const body = JSON.stringify(errorBody(503, message));
    const headers = ["retry-after: 1"];
    const answer = { status: 503, contentType: "application/json", body, headers };
    const cancel = this.#clock.after(lingerMsMax, () => stream.destroy());
    const close = () => {
      cancel();
      stream.destroy();
    };
    stream.user = { ...nobody, onEnd: close };
    stream.writeHead(answerHead(answer, { keepsAlive: false, minorVersion: 1 }));
    stream.write(body);
    stream.end(close);
  }
}
