import type { Answer } from "./answer.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { Request } from "./request.ts";

/** A request that the router answers itself once it has asked elsewhere; its body means nothing. */
export class LateAnswer implements Request {
  readonly #client: ClientConnection;
  readonly #ask: (onAnswer: (answer: Answer) => void) => void;
  #isOver = false;

  constructor(client: ClientConnection, ask: (onAnswer: (answer: Answer) => void) => void) {
    this.#client = client;
    this.#ask = ask;
  }

  start(): boolean {
    this.#ask((answer) => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#client.answer(answer);
    });
    return !this.#isOver;
  }

  onBody(): boolean {
    return true;
  }

  onBodyEnd(): void {}

  onClientDrain(): void {}

  onClientGone(): void {
    this.#isOver = true;
  }
}
