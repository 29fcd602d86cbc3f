import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { PenstockError } from "../../errors/mod.ts";
import { errorBody } from "../../openai-api/mod.ts";
import type { Certificate } from "../guard/certificate.ts";
import { answerHead } from "./answer.ts";
import { ClientConnection, type ClientConnectionHost } from "./client-connection.ts";

export interface FrontOptions {
  /** Hears of the first of a row of connections that could not be accepted. */
  readonly onAcceptError: (reason: string) => void;
  /** With it, clients speak TLS. */
  readonly certificate?: Certificate | undefined;
}

/** The listening socket and the connections that came in through it. */
export class Front {
  readonly #host: ClientConnectionHost;
  readonly #server: Server;
  readonly #clients = new Set<ClientConnection>();
  readonly #onAcceptError: (reason: string) => void;
  /** The connections below TLS, from before their handshake on. */
  readonly #secured = new Set<Socket>();
  #isFailing = false;
  #onEmpty: (() => void) | undefined;

  constructor(host: ClientConnectionHost, { onAcceptError, certificate }: FrontOptions) {
    this.#host = host;
    this.#onAcceptError = onAcceptError;
    this.#server =
      certificate === undefined
        ? createServer(this.#socketOptions, (socket) => this.#accept(socket))
        : this.#secureServer(certificate);
  }

  /** @throws PenstockError ROUTER_CANNOT_LISTEN */
  async listen(
    host: string,
    port: number,
  ): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        const reason = cause.code ?? cause.message;
        reject(new PenstockError("ROUTER_CANNOT_LISTEN", { host, port, reason }, { cause }));
      });
      this.#server.listen({ host, port }, resolve);
    });
    this.#server.removeAllListeners("error");
    this.#server.on("error", (error: NodeJS.ErrnoException) => this.#onError(error));
    const address = this.#server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /**
   * Closes connections without a request, lets the others close after their answers, and then, or when the limit
   * has passed, stops listening and cuts what is left. Meanwhile new connections are told that the router stops.
   */
  async drain(limitMs: number): Promise<void> {
    for (const client of this.#clients) if (client.isIdle) client.close();
    if (this.#clients.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onEmpty = resolve;
      const timer = setTimeout(resolve, limitMs);
      await promise;
      clearTimeout(timer);
    }
    await this.#close();
  }

  get #socketOptions() {
    const { relayBufferBytesMax, clientKeepAliveMs } = this.#host.limits;
    return {
      noDelay: true,
      highWaterMark: relayBufferBytesMax,
      keepAlive: true,
      keepAliveInitialDelay: clientKeepAliveMs,
    };
  }

  /**
   * A connection takes its place before its handshake, which has the time of a head. One more is closed without an
   * answer, since it would take a handshake to write one.
   */
  #secureServer(certificate: Certificate): Server {
    const { connectionsMax, headMsMax } = this.#host.limits;
    const options = {
      ...this.#socketOptions,
      ...certificate.current,
      handshakeTimeout: headMsMax,
      ALPNProtocols: ["http/1.1"],
    };
    const server = createTlsServer(options, (socket) => this.#accept(socket));
    certificate.onRenewed = (renewed) => server.setSecureContext(renewed);
    server.maxConnections = connectionsMax;
    server.on("drop", () => this.#host.onRefused(503));
    server.on("connection", (socket: Socket) => {
      this.#secured.add(socket);
      socket.once("close", () => this.#secured.delete(socket));
    });
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return server;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients) client.abort();
    for (const socket of this.#secured) socket.destroy();
    await closed;
  }

  /** Out of file descriptors, as a rule: this connection is lost, the next may do. */
  #onError(error: NodeJS.ErrnoException): void {
    if (!this.#isFailing) this.#onAcceptError(error.code ?? error.message);
    this.#isFailing = true;
  }

  #accept(socket: Socket): void {
    this.#isFailing = false;
    if (this.#clients.size >= this.#host.limits.connectionsMax) return this.#refuse(socket);
    const client = new ClientConnection(socket, this.#host, () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#onEmpty?.();
    });
    this.#clients.add(client);
  }

  /** The socket takes no place and is closed behind the answer; a client that already sends may see a reset. */
  #refuse(socket: Socket): void {
    this.#host.onRefused(503);
    const { connectionsMax } = this.#host.limits;
    const message = `Cannot take the connection: all ${connectionsMax} are in use`;
    const body = JSON.stringify(errorBody(503, message));
    const headers = ["retry-after: 1"];
    const answer = { status: 503, contentType: "application/json", body, headers };
    socket.on("error", ignore);
    socket.write(answerHead(answer, { keepsAlive: false, minorVersion: 1 }) + body);
    socket.destroySoon();
  }
}

/** A refused connection may break in any way: nobody waits for it. */
function ignore(): void {}
