import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLogprobs } from "./check-logprobs.ts";
import { logprobsMax, logprobTokenIdsMax } from "./limits.ts";

test("checkLogprobs() takes prompt_logprobs up to its limit, in streams none", () => {
  checkLogprobs({ prompt_logprobs: logprobsMax }, null);
  checkLogprobs({ prompt_logprobs: 0, stream: true }, null);
  for (const prompt_logprobs of [-2, -1, logprobsMax + 1])
    assert.throws(() => checkLogprobs({ prompt_logprobs }, null), { status: 400 });
  assert.throws(() => checkLogprobs({ prompt_logprobs: 1, stream: true }, null), { status: 400 });
});

test("checkLogprobs() takes as many logprob_token_ids as its limit, and only beside logprobs", () => {
  const logprob_token_ids = Array.from({ length: logprobTokenIdsMax }, (_, id) => id);
  checkLogprobs({ logprob_token_ids }, 0);
  assert.throws(() => checkLogprobs({ logprob_token_ids }, null), { status: 400 });
  const more = { logprob_token_ids: [...logprob_token_ids, 0] };
  assert.throws(() => checkLogprobs(more, 0), { status: 400 });
  assert.throws(() => checkLogprobs({ logprob_token_ids: [] }, 0), { status: 400 });
});
