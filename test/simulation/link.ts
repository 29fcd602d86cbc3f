import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";

/** The way to one machine. While it is cut nothing passes, and what was sent comes when it is whole again. */
export class Link {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #latencyMs: { readonly least: number; readonly most: number };
  #isCut = false;
  #held: (() => void)[] = [];

  constructor(
    queue: EventQueue,
    random: Random,
    latencyMs: { readonly least: number; readonly most: number },
  ) {
    this.#queue = queue;
    this.#random = random;
    this.#latencyMs = latencyMs;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  latencyMs(): number {
    const { least, most } = this.#latencyMs;
    return least + ((most - least) * this.#random.below(1_024)) / 1_024;
  }

  deliver(timeMs: number, action: () => void): void {
    this.#queue.at(timeMs, () => {
      if (this.#isCut) this.#held.push(action);
      else action();
    });
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.deliver(this.#queue.nowMs, action);
  }
}
