import { seededRandom } from "../../src/router/choose/seeded-random.ts";

/** Draws that only the seed decides. */
export class Random {
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = seededRandom(seed);
  }

  /** From 0 up to but without `count`. */
  below(count: number): number {
    return Math.floor((this.#draw() / 2 ** 32) * count);
  }

  /** Whole, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#draw() < probability * 2 ** 32;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** As many small as large ones by order of magnitude. */
  magnitude(least: number, most: number): number {
    const exponent = this.#draw() / 2 ** 32;
    return Math.round(least * (most / least) ** exponent);
  }

  /** A generator of its own, so that what it draws moves nothing else. */
  fork(): Random {
    return new Random(this.#draw());
  }
}
