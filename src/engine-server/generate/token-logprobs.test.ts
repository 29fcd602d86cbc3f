import assert from "node:assert/strict";
import { test } from "node:test";
import { legacyTokenLogprobs, tokenLogprobs } from "./token-logprobs.ts";

const entry = (tokenId: number, logprob: number, rank = 1) => ({ tokenId, logprob, rank });
const sampled = {
  ...entry(8, -2, 3),
  top: [entry(9, -0.5), entry(8, -2, 3), entry(7, -Infinity, 2)],
};

test("tokenLogprobs() begins the candidates with the chosen token, names each once and bounds them", () => {
  const chosen = { token_id: 8, logprob: -2, rank: 3 };
  const others = [
    { token_id: 9, logprob: -0.5, rank: 1 },
    { token_id: 7, logprob: -9999, rank: 2 },
  ];
  assert.deepEqual(tokenLogprobs([sampled], Infinity), {
    content: [{ ...chosen, top_logprobs: [chosen, ...others] }],
  });
  assert.deepEqual(tokenLogprobs([sampled], 1).content[0]!.top_logprobs, [chosen]);
});

test("legacyTokenLogprobs() writes ids as text, without bytes", () => {
  const chosen = { token: "token_id:8", logprob: -2, bytes: null };
  assert.deepEqual(legacyTokenLogprobs([sampled], 1), {
    content: [{ ...chosen, top_logprobs: [chosen] }],
  });
});
