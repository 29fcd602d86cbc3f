import assert from "node:assert/strict";
import { test } from "node:test";
import { flagsToWords } from "./flag-words.ts";
import { loraFlags, roundLoraRank } from "./lora.ts";

test("roundLoraRank() rounds up to what vLLM takes", () => {
  for (const [rank, taken] of [
    [1, 1],
    [2, 8],
    [16, 16],
    [17, 32],
    [257, 320],
    [512, 512],
    [513, undefined],
  ] as const)
    assert.equal(roundLoraRank(rank), taken);
});

test("loraFlags() writes the rounded rank", () => {
  const lora = { maxLoraRank: 9, maxLoras: 2, targetModules: ["q"], allowRuntimeUpdating: false };
  assert.equal(
    flagsToWords(loraFlags(lora)).join(" "),
    "--enable-lora --max-lora-rank 16 --max-loras 2 --lora-target-modules q",
  );
  assert.deepEqual(loraFlags(null), {});
});
