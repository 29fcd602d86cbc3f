import { once } from "node:events";
import type { Writable } from "node:stream";

/** Standard output that is written as fast as it is read, and says when nobody reads it any more. */
export class Output {
  readonly #stream: Writable;
  readonly #gone = new AbortController();

  constructor(stream: Writable = process.stdout) {
    this.#stream = stream;
    const leave = (): void => this.#gone.abort();
    stream.once("error", leave).once("close", leave);
  }

  /** Aborts when the reader has gone, as `| head` does. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async write(text: string): Promise<void> {
    if (this.gone.aborted || text === "" || this.#stream.write(text)) return;
    // The reader may go instead of reading on, which `gone` tells.
    await once(this.#stream, "drain", { signal: this.gone }).catch(() => undefined);
  }
}
