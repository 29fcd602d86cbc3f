import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, dense, latent, shapeOf } from "./test-support/shape-config.ts";

const grouped = (change: object) => {
  const { attention } = shapeOf({ ...dense, ...change });
  assert(attention.kind === "grouped");
  return attention;
};

test("readAttentionShape() works the head size out where config.json leaves it out", () => {
  assert.equal(grouped({}).headDim, 16);
  assert.equal(grouped({ head_dim: 128 }).headDim, 128);
  assert.equal(grouped({ num_key_value_heads: null }).numKeyValueHeads, 4);
});

test("readAttentionShape() knows which family has which biases, norms and sinks", () => {
  assert.equal(grouped({ model_type: "qwen2" }).qkvBias, true);
  assert.equal(grouped({ model_type: "qwen2" }).outputBias, false);
  assert.equal(grouped({ attention_bias: true }).outputBias, true);
  assert.equal(grouped({ model_type: "qwen3" }).vectorElements, 2 * 16);
  assert.equal(grouped({ model_type: "olmo2" }).vectorElements, (4 + 2) * 16);
  assert.equal(grouped({ model_type: "gpt_oss" }).vectorElements, 4);
  assert.equal(grouped({ model_type: "glm4_moe", use_qk_norm: true }).vectorElements, 2 * 16);
});

test("readAttentionShape() reads MLA wherever kv_lora_rank stands", () => {
  assert.deepEqual(shapeOf(latent).attention, {
    kind: "latent",
    numAttentionHeads: 4,
    kvLoraRank: 32,
    qLoraRank: 24,
    qkNopeHeadDim: 16,
    qkRopeHeadDim: 8,
    vHeadDim: 16,
  });
  const { attention } = shapeOf({ ...latent, q_lora_rank: null });
  assert(attention.kind === "latent" && attention.qLoraRank === null);
});

test("readAttentionShape() refuses heads that do not fit each other", () => {
  assertRefused({ ...dense, num_key_value_heads: 3 }, /divisor of num_attention_heads, 4/);
  assertRefused({ ...dense, num_attention_heads: 0 }, /"num_attention_heads" is 0/);
  assertRefused(
    { ...dense, num_attention_heads: 3, num_key_value_heads: 3 },
    /"head_dim" is absent/,
  );
  assertRefused({ ...latent, v_head_dim: undefined }, /"v_head_dim" is absent/);
  assertRefused({ ...dense, num_attention_heads: undefined }, /"num_attention_heads" is absent/);
});
