import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";

/**
 * The messages that came to a thread which computes most of the time. Between two steps it fetches them itself,
 * without a turn of the event loop; when it is idle it sleeps until the event loop brings one. The sender bounds
 * how many there can be.
 */
export class Inbox<Message> {
  readonly #ports: readonly MessagePort[];
  #messages: Message[] = [];
  #wake: (() => void) | null = null;

  constructor(...ports: readonly MessagePort[]) {
    this.#ports = ports;
    for (const port of ports)
      port.on("message", (message: Message) => {
        this.#messages.push(message);
        this.#wake?.();
      });
  }

  /** All messages that came since the last call, those of each port in order. */
  drain(): readonly Message[] {
    const messages = this.#messages;
    this.#messages = [];
    for (const port of this.#ports) {
      for (;;) {
        const received: { message: Message } | undefined = receiveMessageOnPort(port);
        if (received === undefined) break;
        messages.push(received.message);
      }
    }
    return messages;
  }

  /** Resolves when there is a message to drain. */
  async arrival(): Promise<void> {
    if (this.#messages.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }
}
