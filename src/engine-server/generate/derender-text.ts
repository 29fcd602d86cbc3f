import { carriedTokensMax, type DerenderStreamState } from "../../openai-api/mod.ts";
import type { Tokenizer } from "../../tokenize/mod.ts";

export interface DerenderOptions {
  readonly tokenizer: Tokenizer;
  readonly skipSpecialTokens: boolean;
}

/** Where a stream is before its first token. */
export function streamStart(promptTokenIds: readonly number[]): DerenderStreamState {
  return {
    prompt_token_ids: promptTokenIds.slice(-carriedTokensMax),
    output_token_ids: [],
    role_sent: false,
    text_offset: 0,
  };
}

/**
 * The text of the next tokens of an answer. No detokenizer lives from call to call: the last tokens before these are
 * decoded once more, and their text dropped, to come to where the answer was.
 *
 * @param isLast Half a character that is still held back comes as U+FFFD.
 */
export function derenderText(
  state: DerenderStreamState,
  next: { readonly tokenIds: readonly number[]; readonly isLast: boolean },
  { tokenizer, skipSpecialTokens }: DerenderOptions,
): { readonly text: string; readonly state: DerenderStreamState } {
  const { prompt_token_ids: promptTokenIds, output_token_ids: before } = state;
  const stream = tokenizer.detokenizer({ skipSpecialTokens, promptTokenIds });
  for (const tokenId of before) stream.push(tokenId);
  const text = next.tokenIds.map((tokenId) => stream.push(tokenId)).join("");
  return {
    text: next.isLast ? text + stream.flush() : text,
    state: {
      ...state,
      output_token_ids: [...before, ...next.tokenIds].slice(-carriedTokensMax),
    },
  };
}
