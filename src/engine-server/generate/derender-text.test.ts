import assert from "node:assert/strict";
import { test } from "node:test";
import { carriedTokensMax } from "../../openai-api/mod.ts";
import { loadTokenizer } from "../../tokenize/mod.ts";
import { tokenizerFixture } from "../test-support/start-test-server.ts";
import { derenderText, streamStart } from "./derender-text.ts";

const options = { tokenizer: await loadTokenizer(tokenizerFixture), skipSpecialTokens: true };

test("derenderText() gives in pieces what it gives at once, characters whole", () => {
  const text = "hé 🚀水 and more than a window of tokens holds, é🚀";
  const tokenIds = [...Buffer.from(text)];
  for (const size of [1, 2, 3, 7]) {
    let state = streamStart([260]);
    const pieces: string[] = [];
    for (let at = 0; at < tokenIds.length; at += size) {
      const isLast = at + size >= tokenIds.length;
      const next = { tokenIds: tokenIds.slice(at, at + size), isLast };
      const derendered = derenderText(state, next, options);
      pieces.push(derendered.text);
      state = JSON.parse(JSON.stringify(derendered.state)) as typeof state;
      assert(state.output_token_ids.length <= carriedTokensMax);
    }
    assert.equal(pieces.join(""), text);
    assert(pieces.every((piece) => !piece.includes("\uFFFD")));
  }
});

test("derenderText() shows half a character at the end, and special tokens when told", () => {
  const next = { tokenIds: [104, 0xe4, 260], isLast: true };
  assert.equal(derenderText(streamStart([]), next, options).text, "h\uFFFD");
  const all = { ...options, skipSpecialTokens: false };
  assert.match(derenderText(streamStart([]), next, all).text, /^h\uFFFD<\|im_end\|>$/);
});
