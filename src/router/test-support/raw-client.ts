import { connect, type Socket } from "node:net";
import { within } from "./within.ts";

/** A client that writes bytes as it is told and shows what came back. */
export class RawClient {
  readonly socket: Socket;
  /** All bytes received, as Latin-1. */
  received = "";
  /** Set once the connection is gone: "end" in order, "reset" otherwise. */
  ending: "end" | "reset" | undefined;
  readonly #closed: Promise<void>;
  #wake = Promise.withResolvers<void>();

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    this.socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      this.#stir();
    });
    this.socket.on("end", () => (this.ending ??= "end"));
    this.socket.on("error", () => (this.ending ??= "reset"));
    this.#closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
    void this.#closed.then(() => this.#stir());
  }

  send(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Waits until the pattern has been received; gives up when the connection ends before. */
  async receives(pattern: RegExp | string): Promise<string> {
    const matches = () =>
      typeof pattern === "string" ? this.received.includes(pattern) : pattern.test(this.received);
    const wait = async () => {
      while (!matches()) {
        if (this.socket.closed) throw new Error(`Ended without ${pattern}: "${this.received}"`);
        await this.#wake.promise;
      }
    };
    await within(`receiving ${pattern}`, wait());
    return this.received;
  }

  /** Waits for the end of the connection and gives all that was received. */
  async ended(): Promise<string> {
    await within("the end of the connection", this.#closed);
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}
