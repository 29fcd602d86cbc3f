import type { SampledLogprobs, TokenLogprob } from "../../engine/mod.ts";
import type {
  ChatLogprobs,
  ChatTokenLogprob,
  CompletionLogprobs,
  PromptLogprobs,
} from "../../openai-api/mod.ts";
import type { Tokenizer } from "../../tokenize/mod.ts";

/** JSON has no minus infinity; vLLM writes this number instead. */
const logprobMin = -9999;

export interface TokenNames {
  readonly tokenizer: Tokenizer;
  /** Tokens print as `token_id:N`, which tells apart tokens of the same text. */
  readonly asIds: boolean;
}

/** Logprobs in the shape of completions. One writer a choice: the offsets go on from delta to delta. */
export class CompletionLogprobsWriter {
  readonly #names: TokenNames;
  readonly #topCountMax: number;
  /** In code points from the beginning of the answer. */
  #offset: number;

  /** @param options.topCountMax Likely tokens to show beside each; of a prompt, more may have been asked for. */
  constructor(
    names: TokenNames,
    options: { readonly topCountMax?: number; readonly offset?: number } = {},
  ) {
    this.#names = names;
    this.#topCountMax = options.topCountMax ?? Infinity;
    this.#offset = options.offset ?? 0;
  }

  /** Where the next token begins. */
  get offset(): number {
    return this.#offset;
  }

  /** The tokens of an echoed prompt; the first one has no logprobs, because nothing comes before it. */
  writePrompt(firstTokenId: number, logprobs: readonly SampledLogprobs[]): CompletionLogprobs {
    const first = nameOf(firstTokenId, this.#names);
    const offset = this.#advance(first);
    const rest = this.write(logprobs);
    return {
      text_offset: [offset, ...rest.text_offset],
      token_logprobs: [null, ...rest.token_logprobs],
      tokens: [first, ...rest.tokens],
      top_logprobs: [null, ...rest.top_logprobs],
    };
  }

  write(logprobs: readonly SampledLogprobs[]): CompletionLogprobs {
    const tokens = logprobs.map(({ tokenId }) => nameOf(tokenId, this.#names));
    return {
      text_offset: tokens.map((token) => this.#advance(token)),
      token_logprobs: logprobs.map(boundedLogprob),
      tokens,
      top_logprobs: logprobs.map((sampled) => this.#topOf(sampled)),
    };
  }

  #advance(token: string): number {
    const offset = this.#offset;
    this.#offset += Array.from(token).length;
    return offset;
  }

  /** The chosen token first, then the most likely ones: up to k + 1 entries. */
  #topOf(sampled: SampledLogprobs): Record<string, number> {
    const entries = candidatesOf(sampled).slice(0, this.#topCountMax + 1);
    return Object.fromEntries(
      entries.map((entry) => [nameOf(entry.tokenId, this.#names), boundedLogprob(entry)]),
    );
  }
}

/** The lists of both, end to end: a prompt and the beginning of its answer. */
export function joinLogprobs(
  first: CompletionLogprobs,
  second: CompletionLogprobs,
): CompletionLogprobs {
  return {
    text_offset: [...first.text_offset, ...second.text_offset],
    token_logprobs: [...first.token_logprobs, ...second.token_logprobs],
    tokens: [...first.tokens, ...second.tokens],
    top_logprobs: [...first.top_logprobs, ...second.top_logprobs],
  };
}

/** `prompt_logprobs` of a response; the first token has none. */
export function promptLogprobs(
  logprobs: readonly SampledLogprobs[],
  tokenizer: Tokenizer,
): PromptLogprobs {
  return [
    null,
    ...logprobs.map((token) =>
      Object.fromEntries(
        candidatesOf(token).map((entry) => [
          entry.tokenId,
          {
            logprob: boundedLogprob(entry),
            rank: entry.rank,
            decoded_token: tokenizer.tokenText(entry.tokenId),
          },
        ]),
      ),
    ),
  ];
}

/** A token and those that were likely or asked for beside it, each once. */
export function candidatesOf(token: SampledLogprobs): readonly TokenLogprob[] {
  return [token, ...token.top.filter(({ tokenId }) => tokenId !== token.tokenId)];
}

/** Logprobs in the shape of chat completions. Tokens that were asked for stand behind the chosen one. */
export function chatLogprobs(
  logprobs: readonly SampledLogprobs[],
  names: TokenNames & { readonly withChosen?: boolean },
): ChatLogprobs {
  return {
    content: logprobs.map((sampled) => ({
      ...chatToken(sampled, names),
      top_logprobs: (names.withChosen === true ? candidatesOf(sampled) : sampled.top).map((entry) =>
        chatToken(entry, names),
      ),
    })),
  };
}

function chatToken(entry: TokenLogprob, names: TokenNames): ChatTokenLogprob {
  return {
    token: nameOf(entry.tokenId, names),
    logprob: boundedLogprob(entry),
    bytes: names.tokenizer.tokenBytes(entry.tokenId),
  };
}

function nameOf(tokenId: number, names: TokenNames): string {
  return names.asIds ? `token_id:${tokenId}` : names.tokenizer.tokenText(tokenId);
}

export function boundedLogprob({ logprob }: TokenLogprob): number {
  return Math.max(logprob, logprobMin);
}
