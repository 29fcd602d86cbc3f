import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPenstockError } from "../errors/mod.ts";
import { ConfigReader } from "./config-reader.ts";
import type { JsonObject } from "./json-file.ts";
import { parseModelConfig } from "./model-config.ts";
import { requiredTensors } from "./required-tensors.ts";

const llama: JsonObject = {
  architectures: ["LlamaForCausalLM"],
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 160,
  max_position_embeddings: 512,
  rope_theta: 5000,
  rope_scaling: null,
  torch_dtype: "float16",
  eos_token_id: [2, 3],
};

const moe: JsonObject = {
  ...llama,
  architectures: ["Qwen3MoeForCausalLM"],
  num_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 32,
  decoder_sparse_step: 2,
  num_hidden_layers: 4,
  mlp_only_layers: [3],
};

function parse(config: JsonObject) {
  return parseModelConfig(new ConfigReader("m/config.json", config));
}

function assertRefused(config: JsonObject, code: string, pattern: RegExp): void {
  assert.throws(
    () => parse(config),
    (error) => {
      assert(isPenstockError(error), String(error));
      assert.equal(error.code, code);
      assert.match(error.message, /m\/config\.json/);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

test("parseModelConfig() reads the form of transformers 4 and fills in what it leaves out", () => {
  const config = parse(llama);
  assert.equal(config.headDim, 16);
  assert.deepEqual(config.rope, { type: "default", theta: 5000 });
  assert.deepEqual(config.eosTokenIds, [2, 3]);
  assert.equal(config.tieWordEmbeddings, false);
  assert(Object.isFrozen(config));
});

test("parseModelConfig() reads the form of transformers 5", () => {
  const rope_parameters = { rope_type: "linear", rope_theta: 7000, factor: 2 };
  const { rope_theta: _, ...rest } = llama;
  assert.deepEqual(parse({ ...rest, rope_parameters }).rope, {
    type: "linear",
    theta: 7000,
    factor: 2,
  });
});

test("parseModelConfig() takes the older name of the kind of scaling", () => {
  const rope_scaling = { type: "yarn", factor: 4, original_max_position_embeddings: 128 };
  const { rope } = parse({ ...llama, rope_scaling });
  assert(rope.type === "yarn");
  assert.equal(rope.theta, 5000);
  assert.equal(rope.attentionFactor, 0.1 * Math.log(4) + 1);
});

test("parseModelConfig() knows which layers route to experts", () => {
  assert.deepEqual(parse(moe).moe?.sparseLayers, [false, true, false, false]);
  const { num_experts: _, ...rest } = moe;
  assert.equal(parse({ ...rest, num_local_experts: 4 }).moe?.numExperts, 4);
});

test("requiredTensors() names the tensors of each family", () => {
  const names = (config: JsonObject) =>
    requiredTensors(parse(config)).map(({ name }) => name.replace("model.layers.0.", ""));
  const qwen2 = names({ ...llama, architectures: ["Qwen2ForCausalLM"], tie_word_embeddings: true });
  assert(qwen2.includes("self_attn.q_proj.bias") && !qwen2.includes("self_attn.o_proj.bias"));
  assert(!qwen2.includes("lm_head.weight"));
  const qwen3 = names({ ...llama, architectures: ["Qwen3ForCausalLM"] });
  assert(qwen3.includes("self_attn.q_norm.weight") && qwen3.includes("lm_head.weight"));
  const biased = names({ ...llama, attention_bias: true, mlp_bias: true });
  assert(biased.includes("self_attn.o_proj.bias") && biased.includes("mlp.down_proj.bias"));
  const experts = names(moe).filter((name) => name.includes(".experts."));
  assert.equal(experts.length, 8 * 3);
});

test("parseModelConfig() names the key, its value and what it must be", () => {
  const invalid = "MODEL_CONFIG_INVALID";
  const scaled = (rope_scaling: JsonObject) => ({ ...llama, rope_scaling });
  assertRefused(
    { ...llama, hidden_size: "64" },
    invalid,
    /"hidden_size" is "64", it must be an int/,
  );
  assertRefused({ ...llama, hidden_size: 60, head_dim: 16 }, invalid, /multiple of 8/);
  assertRefused({ ...llama, vocab_size: undefined }, invalid, /"vocab_size" is absent/);
  assertRefused({ ...llama, num_key_value_heads: 3 }, invalid, /divisor of num_attention_heads/);
  assertRefused({ ...llama, hidden_act: "gelu" }, invalid, /"hidden_act" is "gelu"/);
  assertRefused({ ...llama, use_sliding_window: true }, invalid, /use_sliding_window/);
  assertRefused({ ...llama, layer_types: ["sliding_attention"] }, invalid, /full_attention/);
  assertRefused({ ...llama, quantization_config: {} }, invalid, /unquantized/);
  assertRefused({ ...llama, eos_token_id: ["x"] }, invalid, /eos_token_id/);
  assertRefused({ ...llama, partial_rotary_factor: 0.5 }, invalid, /partial_rotary_factor/);
  assertRefused(scaled({ rope_type: "linear" }), invalid, /"rope_scaling\.factor" is absent/);
  assertRefused(scaled({ rope_type: "longrope", factor: 2, short_factor: [1] }), invalid, /8 pos/);
  assertRefused(scaled({ rope_type: "mrope" }), "MODEL_ROPE_UNSUPPORTED", /"mrope".*llama3/);
  assertRefused({ ...moe, num_experts_per_tok: 9 }, invalid, /from 1 to 8/);
  assertRefused({ ...moe, num_experts: 1_025 }, invalid, /from 1 to 1024/);
  assertRefused({ ...llama, num_hidden_layers: 257 }, invalid, /from 1 to 256/);
});

test("parseModelConfig() lists the architectures it knows", () => {
  for (const architectures of [["GPT2LMHeadModel"], [], [7]])
    assertRefused(
      { ...llama, architectures },
      "MODEL_ARCHITECTURE_UNSUPPORTED",
      /LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Qwen3MoeForCausalLM/,
    );
  assertRefused({ ...llama, architectures: 7 }, "MODEL_CONFIG_INVALID", /"architectures" is 7/);
});

test("parseModelConfig() throws nothing but PenstockErrors, whatever a config holds", () => {
  const keys = [...Object.keys(moe), "rope_parameters", "attention_bias", "__proto__"];
  const scaling = fc.dictionary(
    fc.constantFrom("rope_type", "type", "factor", "rope_theta", "short_factor"),
    fc.oneof(fc.jsonValue(), fc.constantFrom("yarn", "llama3", "longrope", "dynamic", 2)),
  );
  const changes = fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), scaling));
  fc.assert(
    fc.property(changes, (change) => {
      try {
        parse({ ...moe, ...change });
      } catch (error) {
        assert(isPenstockError(error), String(error));
      }
    }),
  );
});
