import assert from "node:assert/strict";
import { isPenstockError } from "../../errors/mod.ts";
import { FactReader } from "../fact-reader.ts";
import type { JsonObject } from "../json-file.ts";
import { parseModelShape } from "../model-shape.ts";

/** A small dense decoder that says all of itself. */
export const dense: JsonObject = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 160,
  max_position_embeddings: 512,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
};

export const sparse: JsonObject = {
  ...dense,
  model_type: "qwen3_moe",
  num_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 32,
};

export const latent: JsonObject = {
  ...dense,
  model_type: "deepseek_v3",
  kv_lora_rank: 32,
  q_lora_rank: 24,
  qk_nope_head_dim: 16,
  qk_rope_head_dim: 8,
  v_head_dim: 16,
};

export function shapeOf(config: JsonObject) {
  return parseModelShape("m/config.json", config);
}

export function factsOf(config: JsonObject): FactReader {
  return new FactReader("m/config.json", config);
}

/** Asserts that the config is refused with a message that names the file and matches. */
export function assertRefused(config: JsonObject, pattern: RegExp): void {
  assert.throws(
    () => shapeOf(config),
    (error) => {
      assert(isPenstockError(error), String(error));
      assert.equal(error.code, "MODEL_CONFIG_INVALID");
      assert.match(error.message, /m\/config\.json/);
      assert.match(error.message, pattern);
      return true;
    },
  );
}
