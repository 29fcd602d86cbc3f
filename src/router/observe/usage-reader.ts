import { ByteTail, tailBytesMax } from "./byte-tail.ts";
import { type Usage, usageOfEvents, usageOfJson } from "./read-usage.ts";

/**
 * Reads what one answer says about its tokens while its content passes: only its end is kept, and nothing is parsed but
 * what stands there. Where the usage stands further from the end than a tail is long, it is not known.
 */
export class UsageReader {
  readonly #isStream: boolean;
  #tail: ByteTail | undefined = freeTails.pop() ?? new ByteTail();

  constructor(isStream: boolean) {
    this.#isStream = isStream;
  }

  /** Takes the content `chunk[from..to)`. */
  take(chunk: Buffer, from: number, to: number): void {
    this.#tail?.push(chunk, from, to);
  }

  /**
   * The answer is over; `isWhole` says that it came to its end. A stream that did not may still have said how far it
   * was. To be called once.
   */
  finish(isWhole: boolean): Usage | undefined {
    const tail = this.#tail;
    if (tail === undefined) return undefined;
    this.#tail = undefined;
    const usage = this.#read(tail, isWhole);
    tail.clear();
    if (freeTails.length < freeTailsMax) freeTails.push(tail);
    return usage;
  }

  #read(tail: ByteTail, isWhole: boolean): Usage | undefined {
    if (this.#isStream) return usageOfEvents(tail.read(), tail.byteCount <= tailBytesMax);
    return isWhole ? usageOfJson(tail.read()) : undefined;
  }
}

/** Tails that wait for another answer, 4 KB each. */
const freeTails: ByteTail[] = [];
const freeTailsMax = 256;
