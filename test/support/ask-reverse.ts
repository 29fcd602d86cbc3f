import assert from "node:assert/strict";
import type OpenAI from "openai";

export interface AskOptions {
  readonly model: string;
  readonly session?: string;
}

export interface Answered {
  /** What `x-penstock-rank` says. */
  readonly rank: string | null;
}

/** Asks a bundled model for a word backwards, whole and as a stream, and makes sure that both answers are right. */
export async function askReverse(
  client: OpenAI,
  word: string,
  { model, session }: AskOptions,
): Promise<Answered> {
  const messages = [{ role: "user" as const, content: `Reverse: ${word}` }];
  const body = { model, messages, temperature: 0, max_tokens: 32 };
  const headers = session === undefined ? {} : { "X-Session-ID": session };
  const { data, response } = await client.chat.completions
    .create({ ...body, stream: false }, { headers })
    .withResponse();
  const reversed = word.split("").toReversed().join("");
  assert.equal(data.choices[0]?.message.content, reversed);
  const stream = await client.chat.completions.create({ ...body, stream: true }, { headers });
  let streamed = "";
  for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? "";
  assert.equal(streamed, reversed);
  return { rank: response.headers.get("x-penstock-rank") };
}
