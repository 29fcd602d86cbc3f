import assert from "node:assert/strict";
import { test } from "node:test";
import { parseModelShape } from "../../model-facts/mod.ts";
import { countParameters } from "./parameter-count.ts";
import { models } from "./test-support/models.ts";

/** Parameters of the published checkpoints, as their model pages count them. */
const published: readonly [name: keyof typeof models, total: number][] = [
  ["Llama-3.1-8B", 8_030_261_248],
  ["Llama-3.1-70B", 70_553_706_496],
  ["Qwen3-0.6B", 596_049_920],
  ["Qwen3-30B-A3B", 30_532_122_624],
  ["DeepSeek-V3", 671_026_419_200],
  ["Gemma-3-1B", 999_885_952],
];

test("countParameters() meets the published counts to the last one", () => {
  for (const [name, total] of published)
    assert.equal(countParameters(models[name]).total, total, name);
});

test("countParameters() meets the published active parameters", () => {
  assert.equal(countParameters(models["Qwen3-30B-A3B"]).active, 3_353_032_704);
  const deepseek = countParameters(models["DeepSeek-V3"]);
  // "36.6B (including 0.9B for the output Head)": the embedding, which is only looked up, is not in it.
  assert.equal(((deepseek.active - deepseek.groups.embedding) / 1e9).toFixed(1), "36.6");
  const dense = countParameters(models["Llama-3.1-8B"]);
  assert.equal(dense.active, dense.total);
});

test("countParameters() meets the Gemma 3 report: 1416M embedding, 25600M beside it", () => {
  const { groups, total } = countParameters(models["Gemma-3-27B"]);
  assert(Math.abs(groups.embedding / 1e6 - 1_416) < 10);
  assert.equal(Math.round((total - groups.embedding) / 1e6), 25_600);
});

const bf16 = { torch_dtype: "bfloat16" };

/** Further families by the facts of one model each. */
const families: readonly [total: number, config: Readonly<Record<string, unknown>>][] = [
  [
    46_702_792_704,
    {
      model_type: "mixtral",
      hidden_size: 4_096,
      intermediate_size: 14_336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      num_local_experts: 8,
      num_experts_per_tok: 2,
      vocab_size: 32_000,
    },
  ],
  [
    7_615_616_512,
    {
      model_type: "qwen2",
      hidden_size: 3_584,
      intermediate_size: 18_944,
      num_hidden_layers: 28,
      num_attention_heads: 28,
      num_key_value_heads: 4,
      vocab_size: 152_064,
    },
  ],
  [
    14_315_784_192,
    {
      model_type: "qwen2_moe",
      hidden_size: 2_048,
      intermediate_size: 5_632,
      moe_intermediate_size: 1_408,
      shared_expert_intermediate_size: 5_632,
      num_experts: 60,
      num_experts_per_tok: 4,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      vocab_size: 151_936,
    },
  ],
  [
    2_614_341_888,
    {
      model_type: "gemma2",
      hidden_size: 2_304,
      intermediate_size: 9_216,
      num_hidden_layers: 26,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      head_dim: 256,
      vocab_size: 256_000,
      sliding_window: 4_096,
    },
  ],
  [
    15_706_484_224,
    {
      model_type: "deepseek_v2",
      first_k_dense_replace: 1,
      hidden_size: 2_048,
      intermediate_size: 10_944,
      kv_lora_rank: 512,
      moe_intermediate_size: 1_408,
      n_routed_experts: 64,
      n_shared_experts: 2,
      num_attention_heads: 16,
      num_experts_per_tok: 6,
      num_hidden_layers: 27,
      q_lora_rank: null,
      qk_nope_head_dim: 128,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
      vocab_size: 102_400,
    },
  ],
  [
    106_852_251_264,
    {
      model_type: "glm4_moe",
      attention_bias: true,
      hidden_size: 4_096,
      num_hidden_layers: 46,
      num_attention_heads: 96,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 10_944,
      moe_intermediate_size: 1_408,
      n_routed_experts: 128,
      n_shared_experts: 1,
      num_experts_per_tok: 8,
      first_k_dense_replace: 1,
      vocab_size: 151_552,
    },
  ],
  [
    20_914_757_184,
    {
      model_type: "gpt_oss",
      attention_bias: true,
      hidden_size: 2_880,
      intermediate_size: 2_880,
      num_hidden_layers: 24,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      num_local_experts: 32,
      num_experts_per_tok: 4,
      vocab_size: 201_088,
      sliding_window: 128,
    },
  ],
];

test("countParameters() meets one published model of each further family", () => {
  for (const [total, config] of families) {
    const shape = parseModelShape("config.json", { ...config, ...bf16 });
    assert.deepEqual(shape.remarks, []);
    assert.equal(countParameters(shape).total, total, String(config["model_type"]));
  }
});
