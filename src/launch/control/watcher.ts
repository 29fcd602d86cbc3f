import type { Socket } from "node:net";

/**
 * A client that hears of every change. While it does not read, one line waits for it, always the latest: a client
 * that is stopped or slow holds no more memory than that.
 */
export class Watcher {
  readonly #socket: Socket;
  #isFull = false;
  #next: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#goOn());
  }

  send(line: string): void {
    if (this.#isFull) this.#next = line;
    else this.#isFull = !this.#socket.write(line);
  }

  /** Sends a last line and hangs up. */
  end(line: string): void {
    this.#next = undefined;
    this.#socket.end(line);
  }

  #goOn(): void {
    const line = this.#next;
    this.#isFull = false;
    this.#next = undefined;
    if (line !== undefined) this.send(line);
  }
}
