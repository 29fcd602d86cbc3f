import { ApiError } from "../openai-api/mod.ts";
import type { ServingSource } from "./routes.ts";
import type { Serving } from "./serving.ts";

/** From loading to closing. */
export class ServerState implements ServingSource {
  #serving: Serving | null = null;
  #isClosing = false;
  #isDead = false;

  get isHealthy(): boolean {
    return this.#serving !== null && !this.#isClosing && !this.#isDead;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  serving(): Serving {
    if (this.#serving !== null && !this.#isClosing) return this.#serving;
    const headers = { "Retry-After": "1" };
    const reason = this.#isClosing ? "The server is stopping" : "The model is still loading";
    throw new ApiError(503, reason, { headers });
  }

  open(serving: Serving): void {
    this.#serving = serving;
    void this.#watch(serving);
  }

  beginClosing(): void {
    this.#isClosing = true;
  }

  async #watch(serving: Serving): Promise<void> {
    const cause = await serving.engine.died;
    this.#isDead = true;
    serving.logger.fatal("The engine died", { error: cause.message });
  }
}
