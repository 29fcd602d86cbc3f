import { byteLevelBytes } from "./byte-level.ts";

/**
 * Turns tokens into text as they come. A token may end inside a UTF-8 sequence; its text is held back until the
 * rest has come, so that no delta holds half a character. All deltas and the flush together are the decode of
 * all tokens.
 */
export interface IncrementalDetokenizer {
  /** The text that this token completes, often empty. The work does not grow with what came before. */
  push(token: string): string;
  /** The end: what is still held back, as replacement characters. */
  flush(): string;
}

/** For byte-level vocabularies, where a token is a string of bytes and the text is the UTF-8 they spell. */
export class ByteLevelDetokenizer implements IncrementalDetokenizer {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  push(token: string): string {
    return this.#decoder.decode(byteLevelBytes(token), { stream: true });
  }

  flush(): string {
    return this.#decoder.decode();
  }
}

/** Tokens held back at most; a UTF-8 sequence has at most four bytes, one a token. */
export const heldTokensMax = 16;

/**
 * For every other decoder, which is a black box from tokens to text. A window of tokens is decoded with and
 * without the new one; the difference is the delta. The tokens of the last delta stay in the window as context,
 * because a decoder may treat the first token of its input differently (it strips the leading space there).
 */
export class WindowDetokenizer implements IncrementalDetokenizer {
  readonly #decode: (tokens: string[]) => string;
  /** Tokens whose text is out, kept as context. */
  #context: string[];
  #held: string[] = [];

  /** @param context The last tokens of the prompt, so that the answer is decoded as its continuation. */
  constructor(decode: (tokens: string[]) => string, context: readonly string[] = []) {
    this.#decode = decode;
    this.#context = [...context];
  }

  push(token: string): string {
    this.#held.push(token);
    const delta = this.#delta();
    const isPartial = delta === "" || delta.endsWith("\uFFFD");
    if (isPartial && this.#held.length < heldTokensMax) return "";
    return this.#release(delta);
  }

  flush(): string {
    return this.#held.length === 0 ? "" : this.#release(this.#delta());
  }

  #delta(): string {
    const before = this.#context.length === 0 ? "" : this.#decode(this.#context);
    return this.#decode([...this.#context, ...this.#held]).slice(before.length);
  }

  #release(delta: string): string {
    this.#context = this.#held;
    this.#held = [];
    return delta;
  }
}
