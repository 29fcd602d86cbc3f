/**
 * What a model_type's own code fixes and config.json therefore leaves out. Families that are not here are counted
 * like Llama. Source: the configuration and modelling files of each family in transformers.
 */
export interface FamilyFacts {
  /** When config.json does not say. */
  readonly tieWordEmbeddings?: boolean;
  /** Two matrices in an MLP, not three. */
  readonly plainMlp?: boolean;
  /** When config.json does not say. */
  readonly qkvBias?: boolean;
  /** Where attention_bias is true, the output projection has none. */
  readonly noOutputBias?: boolean;
  /** RMSNorm over each head of q and k, or over all heads at once. */
  readonly qkNorm?: "head" | "all heads";
  /** RMSNorms of hidden_size in a layer; 2 unless given. */
  readonly normsPerLayer?: number;
  /** A learned logit for each head that takes part in the softmax. */
  readonly attentionSinks?: boolean;
  /** Routers and experts have biases. */
  readonly expertBias?: boolean;
  /** A shared expert as wide as a routed one, which config.json does not name. */
  readonly sharedExpert?: boolean;
  /** The shared expert's output is scaled by a gate of hidden_size weights. */
  readonly sharedExpertGate?: boolean;
  /** Every n-th layer attends to everything, those between only to the sliding window. */
  readonly windowPeriod?: number;
  /** sliding_window counts only where use_sliding_window is true. */
  readonly windowNeedsSwitch?: boolean;
  /** Keys of config.json that files of the family leave out. */
  readonly defaults?: Readonly<Record<string, number>>;
}

const gemma3: FamilyFacts = {
  tieWordEmbeddings: true,
  qkNorm: "head",
  normsPerLayer: 4,
  windowPeriod: 6,
  defaults: {
    vocab_size: 262_208,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    max_position_embeddings: 131_072,
    sliding_window: 4_096,
  },
};

const qwen3: FamilyFacts = { qkNorm: "head", windowNeedsSwitch: true };

export const modelFamilies: Readonly<Record<string, FamilyFacts>> = {
  llama: {},
  llama4_text: { sharedExpert: true },
  mistral: {},
  ministral: {},
  mistral3: {},
  mixtral: {},
  phi3: {},
  granite: {},
  qwen2: { qkvBias: true, windowNeedsSwitch: true, noOutputBias: true },
  qwen2_moe: {
    qkvBias: true,
    noOutputBias: true,
    windowNeedsSwitch: true,
    sharedExpertGate: true,
  },
  qwen3,
  qwen3_moe: qwen3,
  gemma: { tieWordEmbeddings: true },
  gemma2: { tieWordEmbeddings: true, normsPerLayer: 4, windowPeriod: 2 },
  gemma3,
  gemma3_text: gemma3,
  deepseek_v2: {},
  deepseek_v3: {},
  kimi_k2: {},
  glm4_moe: { noOutputBias: true },
  gpt_oss: { attentionSinks: true, expertBias: true, windowPeriod: 2 },
  olmo2: { qkNorm: "all heads" },
  olmo3: { qkNorm: "all heads", windowPeriod: 4 },
  cohere: { tieWordEmbeddings: true, normsPerLayer: 1 },
  cohere2: { tieWordEmbeddings: true, normsPerLayer: 1, windowPeriod: 4 },
  starcoder2: { tieWordEmbeddings: true, plainMlp: true },
};
