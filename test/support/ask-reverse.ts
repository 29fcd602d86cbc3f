import assert from "node:assert/strict";
import { ask, reversed } from "./ask.ts";

export interface AskReverseOptions {
  readonly model: string;
  readonly session?: string;
}

export interface Answered {
  /** What `x-penstock-rank` says. */
  readonly rank: string | null;
  /** What `x-penstock-prefill-rank` says; null where one rank does both. */
  readonly prefillRank: string | null;
}

/**
 * Asks a bundled model for a word backwards in a chat, whole and as a stream, and makes sure that both answers are
 * right; those of a session come from the same ranks.
 */
export async function askReverse(
  url: string,
  word: string,
  { model, session }: AskReverseOptions,
): Promise<Answered> {
  const headers: Record<string, string> = session === undefined ? {} : { "X-Session-ID": session };
  const answered: Answered[] = [];
  for (const stream of [false, true]) {
    const answer = await ask({ url, word, model, kind: "chat", stream, headers });
    assert.deepEqual([answer.text, answer.ending], [reversed(word), "whole"], answer.error);
    answered.push(ranksOf(answer.headers));
  }
  const [whole, streamed] = answered;
  if (session !== undefined) assert.deepEqual(streamed, whole);
  return whole!;
}

function ranksOf(headers: Headers): Answered {
  return {
    rank: headers.get("x-penstock-rank"),
    prefillRank: headers.get("x-penstock-prefill-rank"),
  };
}
