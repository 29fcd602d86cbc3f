import type { Decoder, Tokenizer as NativeTokenizer } from "tokenizers";
import { byteLevelBytes } from "./byte-level.ts";
import type { ChatMessage } from "./chat-messages.ts";
import type { ChatTemplate, RenderOptions } from "./chat-template.ts";
import {
  ByteLevelDetokenizer,
  type IncrementalDetokenizer,
  WindowDetokenizer,
} from "./incremental-detokenizer.ts";

/** What the files of a model say about its tokens, apart from the tokenizer itself. */
export interface TokenizerFacts {
  /** The text is the UTF-8 of the tokens' bytes. */
  readonly isByteLevel: boolean;
  readonly specialTokenIds: ReadonlySet<number>;
  /** Characters of the longest token: a text of n characters has at least n / tokenCharsMax tokens. */
  readonly tokenCharsMax: number;
}

export interface DetokenizerOptions {
  /** Default true. */
  readonly skipSpecialTokens?: boolean;
  /** The prompt; its end is the context of the first token. */
  readonly promptTokenIds?: readonly number[];
}

/** Turns token ids into text as they come; see {@linkcode IncrementalDetokenizer}. */
export interface TokenStream {
  /** The text that this token completes, often empty. Ids that are not in the vocabulary have no text. */
  push(tokenId: number): string;
  flush(): string;
}

/** One token alone, as text and as bytes. */
interface TokenSpelling {
  readonly text: string;
  readonly bytes: readonly number[];
}

/** Prompt tokens that a decoder sees before the first token of the answer. */
const contextTokenCount = 5;

/** The byte tokens of sentencepiece vocabularies. */
const byteToken = /^<0x([0-9A-F]{2})>$/;

/** Text to tokens and back for one model. Encoding and decoding of whole texts run off the event loop. */
export class Tokenizer {
  readonly tokenCharsMax: number;
  readonly #native: NativeTokenizer;
  readonly #decoder: Decoder | null;
  readonly #facts: TokenizerFacts;
  readonly #chatTemplate: ChatTemplate;
  /** By token id; at most the vocabulary. Answers with logprobs ask for the same tokens again and again. */
  readonly #spellings = new Map<number, TokenSpelling>();

  constructor(native: NativeTokenizer, facts: TokenizerFacts, chatTemplate: ChatTemplate) {
    this.#native = native;
    this.#decoder = native.getDecoder();
    this.#facts = facts;
    this.#chatTemplate = chatTemplate;
    this.tokenCharsMax = facts.tokenCharsMax;
  }

  /** @param options.addSpecialTokens Whether tokens like BOS are put around the text. */
  async encode(text: string, options: { readonly addSpecialTokens: boolean }): Promise<number[]> {
    const encoding = await this.#native.encode(text, null, options);
    return encoding.getIds();
  }

  /** The whole text of tokens. Ids that are not in the vocabulary are left out. */
  async decode(
    tokenIds: readonly number[],
    options: { readonly skipSpecialTokens: boolean },
  ): Promise<string> {
    // The list is read before the call returns and not changed.
    return await this.#native.decode(tokenIds as number[], options.skipSpecialTokens);
  }

  /** Starts the streaming decode of one answer. */
  detokenizer(options: DetokenizerOptions = {}): TokenStream {
    const skipSpecialTokens = options.skipSpecialTokens ?? true;
    const context = this.#tokensOf((options.promptTokenIds ?? []).slice(-contextTokenCount));
    const stream: IncrementalDetokenizer = this.#facts.isByteLevel
      ? new ByteLevelDetokenizer()
      : new WindowDetokenizer((tokens) => this.#decodeTokens(tokens), context);
    return {
      push: (tokenId) => {
        if (skipSpecialTokens && this.#facts.specialTokenIds.has(tokenId)) return "";
        const token = this.#native.idToToken(tokenId);
        return token === null ? "" : stream.push(token);
      },
      flush: () => stream.flush(),
    };
  }

  /** The entry of the vocabulary, as it is written there; empty for unknown ids. */
  tokenString(tokenId: number): string {
    return this.#native.idToToken(tokenId) ?? "";
  }

  /** The text of one token alone; bytes that are no whole character show as U+FFFD. */
  tokenText(tokenId: number): string {
    return this.#spellingOf(tokenId).text;
  }

  /** The bytes of one token alone, also where they are no whole character. */
  tokenBytes(tokenId: number): readonly number[] {
    return this.#spellingOf(tokenId).bytes;
  }

  /**
   * The prompt text of a conversation.
   *
   * @throws PenstockError CHAT_TEMPLATE_MISSING, CHAT_NOT_RENDERED; both are the fault of the request.
   */
  renderChat(messages: readonly ChatMessage[], options?: RenderOptions): string {
    return this.#chatTemplate.render(messages, options);
  }

  #spellingOf(tokenId: number): TokenSpelling {
    const known = this.#spellings.get(tokenId);
    if (known !== undefined) return known;
    const token = this.#native.idToToken(tokenId);
    if (token === null) return { text: "", bytes: [] };
    const text = this.#decodeTokens([token]);
    const spelling = { text, bytes: [...this.#bytesOf(token, text)] };
    this.#spellings.set(tokenId, spelling);
    return spelling;
  }

  #bytesOf(token: string, text: string): Iterable<number> {
    if (this.#facts.isByteLevel) return byteLevelBytes(token);
    const hex = byteToken.exec(token)?.[1];
    return hex === undefined ? new TextEncoder().encode(text) : [Number.parseInt(hex, 16)];
  }

  #tokensOf(tokenIds: readonly number[]): string[] {
    return tokenIds
      .map((tokenId) => this.#native.idToToken(tokenId))
      .filter((token) => token !== null);
  }

  #decodeTokens(tokens: string[]): string {
    return this.#decoder === null ? tokens.join(" ") : this.#decoder.decode(tokens);
  }
}
