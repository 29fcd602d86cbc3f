import type { SampledLogprobs, TokenLogprob } from "../../engine/mod.ts";
import type { ChatLogprobs, ChatTokenLogprob, CompletionLogprobs } from "../../openai-api/mod.ts";
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
  /** In code points from the beginning of the answer. */
  #offset = 0;

  constructor(names: TokenNames) {
    this.#names = names;
  }

  write(logprobs: readonly SampledLogprobs[]): CompletionLogprobs {
    const tokens = logprobs.map(({ tokenId }) => nameOf(tokenId, this.#names));
    return {
      text_offset: tokens.map((token) => this.#advance(token)),
      token_logprobs: logprobs.map(bounded),
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
    const entries = [sampled, ...sampled.top];
    return Object.fromEntries(
      entries.map((entry) => [nameOf(entry.tokenId, this.#names), bounded(entry)]),
    );
  }
}

/** Logprobs in the shape of chat completions. */
export function chatLogprobs(
  logprobs: readonly SampledLogprobs[],
  names: TokenNames,
): ChatLogprobs {
  return {
    content: logprobs.map((sampled) => ({
      ...chatToken(sampled, names),
      top_logprobs: sampled.top.map((entry) => chatToken(entry, names)),
    })),
  };
}

function chatToken(entry: TokenLogprob, names: TokenNames): ChatTokenLogprob {
  return {
    token: nameOf(entry.tokenId, names),
    logprob: bounded(entry),
    bytes: names.tokenizer.tokenBytes(entry.tokenId),
  };
}

function nameOf(tokenId: number, names: TokenNames): string {
  return names.asIds ? `token_id:${tokenId}` : names.tokenizer.tokenText(tokenId);
}

function bounded({ logprob }: TokenLogprob): number {
  return Math.max(logprob, logprobMin);
}
