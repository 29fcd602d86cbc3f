import { seededRandom } from "../../../src/router/choose/seeded-random.ts";

/** Draws for one input, which its seed and its number alone decide. */
export class Random {
  readonly #draw: () => number;

  constructor(seed: number, number: number) {
    // Neighbouring seeds and numbers give streams that have nothing to do with each other.
    this.#draw = seededRandom(Math.imul(seed, 0x85ebca6b) ^ seededRandom(number)());
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor((this.#draw() / 2 ** 32) * count);
  }

  /** True in `share` of the draws. */
  chance(share: number): boolean {
    return this.#draw() < share * 2 ** 32;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** The first of these mostly, one of the others in `share` of the draws. */
  mostly<Item>(usual: Item, share: number, others: readonly Item[]): Item {
    return this.chance(share) ? this.pick(others) : usual;
  }
}
