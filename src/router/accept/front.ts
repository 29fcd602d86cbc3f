import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "../guard/certificate.ts";
import { acceptedStream } from "../net/accepted-stream.ts";
import type { RouterLimits } from "../limits.ts";
import type { Clients } from "./clients.ts";
import { listen, type ListenAddress, type ListenTarget } from "./listen.ts";

export interface FrontOptions {
  readonly limits: RouterLimits;
  /** A connection was dropped before it could be answered. */
  readonly onDropped: () => void;
  /** Hears of the first of a row of connections that could not be accepted. */
  readonly onAcceptError: (reason: string) => void;
  /** With it, clients speak TLS. */
  readonly certificate?: Certificate | undefined;
}

/** The listening socket through which clients come in. */
export class Front {
  readonly #clients: Clients;
  readonly #options: FrontOptions;
  readonly #server: Server;
  /** The connections below TLS, from before their handshake on. */
  readonly #secured = new Set<Socket>();
  #isFailing = false;

  constructor(clients: Clients, options: FrontOptions) {
    this.#clients = clients;
    this.#options = options;
    this.#server =
      options.certificate === undefined
        ? createServer(this.#socketOptions, (socket) => this.#accept(socket))
        : this.#secureServer(options.certificate);
  }

  /** @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_CANNOT_LISTEN_ON_SOCKET */
  async listen(target: ListenTarget): Promise<ListenAddress | undefined> {
    const address = await listen(this.#server, target);
    this.#server.on("error", (error: NodeJS.ErrnoException) => this.#onError(error));
    return address;
  }

  /** Lets running requests end within the limit. Whoever comes meanwhile and after it is told that the router stops. */
  async drain(limitMs: number): Promise<void> {
    await this.#clients.drain(limitMs);
  }

  /** Stops listening and cuts what is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#clients.abort();
    for (const socket of this.#secured) socket.destroy();
    await closed;
  }

  get #socketOptions() {
    const { relayBufferBytesMax, clientKeepAliveMs } = this.#options.limits;
    return {
      noDelay: true,
      pauseOnConnect: true,
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
    const { connectionsMax, headMsMax } = this.#options.limits;
    const options = {
      ...this.#socketOptions,
      ...certificate.current,
      handshakeTimeout: headMsMax,
      ALPNProtocols: ["http/1.1"],
    };
    const server = createTlsServer(options, (socket) => this.#accept(socket));
    certificate.onRenewed = (renewed) => server.setSecureContext(renewed);
    server.maxConnections = connectionsMax;
    server.on("drop", () => this.#options.onDropped());
    server.on("connection", (socket: Socket) => {
      this.#secured.add(socket);
      socket.once("close", () => this.#secured.delete(socket));
    });
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return server;
  }

  /** Out of file descriptors, as a rule: this connection is lost, the next may do. */
  #onError(error: NodeJS.ErrnoException): void {
    if (!this.#isFailing) this.#options.onAcceptError(error.code ?? error.message);
    this.#isFailing = true;
  }

  #accept(socket: Socket): void {
    this.#isFailing = false;
    this.#clients.take(acceptedStream(socket, this.#options.limits.relayBufferBytesMax));
  }
}
