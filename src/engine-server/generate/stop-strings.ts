/**
 * Stop strings of one request, ready to be looked for (Knuth, Morris, Pratt). The work per character does not
 * depend on how long the strings are, nor on how the text was cut into tokens.
 */
export class StopStrings {
  readonly strings: readonly string[];
  /** For each string and each length of it that matches: the next shorter length that matches as well. */
  readonly fallbacks: readonly Int32Array[];

  constructor(strings: readonly string[]) {
    this.strings = strings;
    this.fallbacks = strings.map(fallbackTable);
  }
}

export interface ScannedText {
  /** Text that no stop string can reach any more. */
  readonly text: string;
  readonly matched: string | null;
}

/**
 * Looks for stop strings in the text of one answer as it comes. Text that may be the beginning of a stop string
 * is held back. The match that ends first counts; of two that end together, the first in the list.
 */
export class StopScanner {
  readonly #stops: StopStrings;
  readonly #includeStop: boolean;
  /** How many characters of each stop string the text ends with. */
  readonly #matchedCounts: Int32Array;
  #held = "";

  constructor(stops: StopStrings, options: { readonly includeStop: boolean }) {
    this.#stops = stops;
    this.#includeStop = options.includeStop;
    this.#matchedCounts = new Int32Array(stops.strings.length);
  }

  /**
   * @param options.mayStop False before min_tokens: matches that end in this text do not count.
   * @returns After a match the scanner is done.
   */
  push(text: string, options: { readonly mayStop: boolean }): ScannedText {
    if (this.#matchedCounts.length === 0) return { text, matched: null };
    const window = this.#held + text;
    for (let index = this.#held.length; index < window.length; index++) {
      const matched = this.#advance(window[index]!);
      if (matched !== null && options.mayStop) return this.#stopAt(window, index + 1, matched);
    }
    const releasedCount = window.length - Math.max(...this.#matchedCounts);
    this.#held = window.slice(releasedCount);
    return { text: window.slice(0, releasedCount), matched: null };
  }

  /** The end of the text: what was held back is no stop string. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** The first stop string that ends with this character. */
  #advance(character: string): string | null {
    let matched: string | null = null;
    for (const [index, stop] of this.#stops.strings.entries()) {
      const fallback = this.#stops.fallbacks[index]!;
      let count = this.#matchedCounts[index]!;
      while (count > 0 && stop[count] !== character) count = fallback[count]!;
      if (stop[count] === character) count++;
      if (count === stop.length) {
        matched ??= stop;
        count = fallback[count]!;
      }
      this.#matchedCounts[index] = count;
    }
    return matched;
  }

  #stopAt(window: string, end: number, matched: string): ScannedText {
    this.#held = "";
    const cut = this.#includeStop ? end : end - matched.length;
    return { text: window.slice(0, cut), matched };
  }
}

/** Entry k: the longest proper prefix of the string that its first k characters end with. */
function fallbackTable(text: string): Int32Array {
  const table = new Int32Array(text.length + 1);
  let count = 0;
  for (let index = 1; index < text.length; index++) {
    while (count > 0 && text[index] !== text[count]) count = table[count]!;
    if (text[index] === text[count]) count++;
    table[index + 1] = count;
  }
  return table;
}
