import assert from "node:assert/strict";
import type OpenAI from "openai";

export interface AskOptions {
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
 * Asks a bundled model for a word backwards, whole and as a stream, and makes sure that both answers are right; those
 * of a session come from the same ranks.
 */
export async function askReverse(
  client: OpenAI,
  word: string,
  { model, session }: AskOptions,
): Promise<Answered> {
  const messages = [{ role: "user" as const, content: `Reverse: ${word}` }];
  const body = { model, messages, temperature: 0, max_tokens: 32 };
  const headers = session === undefined ? {} : { "X-Session-ID": session };
  const { completions } = client.chat;
  const whole = completions.create({ ...body, stream: false }, { headers });
  const { data, response } = await whole.withResponse();
  const reversed = word.split("").toReversed().join("");
  assert.equal(data.choices[0]?.message.content, reversed);
  const streamed = await completions.create({ ...body, stream: true }, { headers }).withResponse();
  let text = "";
  for await (const chunk of streamed.data) text += chunk.choices[0]?.delta.content ?? "";
  assert.equal(text, reversed);
  const answered = ranksOf(response.headers);
  if (session !== undefined) assert.deepEqual(ranksOf(streamed.response.headers), answered);
  return answered;
}

function ranksOf(headers: Headers): Answered {
  return {
    rank: headers.get("x-penstock-rank"),
    prefillRank: headers.get("x-penstock-prefill-rank"),
  };
}
