import { join } from "node:path";
import { PenstockError } from "../errors/mod.ts";
import { ConfigReader } from "./config-reader.ts";
import { quote, readJsonFile } from "./json-file.ts";
import { readRopeFacts, type RopeFacts } from "./rope-facts.ts";

export const architectures = [
  "LlamaForCausalLM",
  "Qwen2ForCausalLM",
  "Qwen3ForCausalLM",
  "Qwen3MoeForCausalLM",
] as const;

export type Architecture = (typeof architectures)[number];

/** What the engine must know of a model; names are those of config.json. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly rmsNormEps: number;
  readonly rope: RopeFacts;
  readonly tieWordEmbeddings: boolean;
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** RMSNorm over each head of q and k. */
  readonly qkNorm: boolean;
  readonly moe: MoeFacts | null;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
}

export interface MoeFacts {
  readonly numExperts: number;
  readonly numExpertsPerTok: number;
  readonly moeIntermediateSize: number;
  /** Weights of the chosen experts are scaled to a sum of one. */
  readonly normTopkProb: boolean;
  /** [numHiddenLayers] True where the layer routes to experts, false where it has one dense MLP. */
  readonly sparseLayers: readonly boolean[];
}

/** Kernels read weights in groups of eight. */
const sizeMultiple = 8;
/** Far above any known model; they bound the list of tensors that a wrong config.json asks for. */
const layersMax = 256;
const expertsMax = 1_024;

/**
 * Reads and checks `config.json` of a Hugging Face directory, as transformers 4 or 5 writes it.
 *
 * @throws PenstockError MODEL_FILE_MISSING, MODEL_JSON_INVALID, MODEL_CONFIG_INVALID,
 *   MODEL_ARCHITECTURE_UNSUPPORTED, MODEL_ROPE_UNSUPPORTED
 */
export async function readModelConfig(directory: string): Promise<ModelConfig> {
  const file = join(directory, "config.json");
  return parseModelConfig(new ConfigReader(file, await readJsonFile(file, "the model's shape")));
}

/** The part of readModelConfig without I/O. Throws the same errors. */
export function parseModelConfig(config: ConfigReader): ModelConfig {
  const architecture = readArchitecture(config);
  refuseWhatIsNotComputed(config);
  const heads = readHeads(config);
  const maxPositionEmbeddings = config.integer("max_position_embeddings");
  const numHiddenLayers = config.integer("num_hidden_layers", { max: layersMax });
  return Object.freeze({
    architecture,
    ...heads,
    numHiddenLayers,
    intermediateSize: sizeOf(config, "intermediate_size"),
    vocabSize: config.integer("vocab_size"),
    maxPositionEmbeddings,
    rmsNormEps: config.number("rms_norm_eps", { max: 1, fallback: 1e-6 }),
    rope: readRopeFacts(config, { headDim: heads.headDim, maxPositionEmbeddings }),
    tieWordEmbeddings: config.boolean("tie_word_embeddings", false),
    ...readFamily(config, architecture),
    moe: architecture === "Qwen3MoeForCausalLM" ? readMoe(config, numHiddenLayers) : null,
    bosTokenId: config.integers("bos_token_id")[0] ?? null,
    eosTokenIds: config.integers("eos_token_id"),
  });
}

function readArchitecture(config: ConfigReader): Architecture {
  const found = config.list("architectures")[0];
  const known = architectures.find((architecture) => architecture === found);
  if (known !== undefined) return known;
  throw new PenstockError("MODEL_ARCHITECTURE_UNSUPPORTED", {
    file: config.file,
    found: quote(found),
    supported: architectures,
  });
}

/** A model with a feature that is ignored would answer nonsense, so such a model is refused. */
function refuseWhatIsNotComputed(config: ConfigReader): void {
  if ((config.string("hidden_act") ?? "silu") !== "silu") config.fail("hidden_act", '"silu"');
  if (config.boolean("use_sliding_window", false)) config.fail("use_sliding_window", "false");
  if (config.list("layer_types").some((type) => type !== "full_attention"))
    config.fail("layer_types", 'a list of "full_attention" only');
  if (config.has("quantization_config"))
    config.fail("quantization_config", "absent: the embedded engine reads unquantized weights");
}

function readHeads(config: ConfigReader) {
  const hiddenSize = sizeOf(config, "hidden_size");
  const numAttentionHeads = config.integer("num_attention_heads");
  const numKeyValueHeads = config.integer("num_key_value_heads", { fallback: numAttentionHeads });
  if (numAttentionHeads % numKeyValueHeads !== 0)
    config.fail("num_key_value_heads", `a divisor of num_attention_heads, ${numAttentionHeads}`);
  const fallback = hiddenSize / numAttentionHeads;
  const headDim = sizeOf(config, "head_dim", Number.isInteger(fallback) ? fallback : undefined);
  return { hiddenSize, numAttentionHeads, numKeyValueHeads, headDim };
}

function sizeOf(config: ConfigReader, key: string, fallback?: number): number {
  const range = { max: 2 ** 24, ...(fallback !== undefined && { fallback }) };
  const size = config.integer(key, range);
  return size % sizeMultiple === 0 ? size : config.fail(key, `a multiple of ${sizeMultiple}`);
}

function readFamily(config: ConfigReader, architecture: Architecture) {
  const attentionBias = config.boolean("attention_bias", false);
  const isLlama = architecture === "LlamaForCausalLM";
  const isQwen2 = architecture === "Qwen2ForCausalLM";
  return {
    qkvBias: isQwen2 || attentionBias,
    outputBias: !isQwen2 && attentionBias,
    mlpBias: isLlama && config.boolean("mlp_bias", false),
    qkNorm: !isLlama && !isQwen2,
  };
}

function readMoe(config: ConfigReader, numHiddenLayers: number): MoeFacts {
  const countKey = config.has("num_experts") ? "num_experts" : "num_local_experts";
  const numExperts = config.integer(countKey, { max: expertsMax });
  const step = config.integer("decoder_sparse_step", { fallback: 1 });
  const denseLayers = new Set(config.integers("mlp_only_layers"));
  const isSparse = (layer: number) => !denseLayers.has(layer) && (layer + 1) % step === 0;
  return Object.freeze({
    numExperts,
    numExpertsPerTok: config.integer("num_experts_per_tok", { max: numExperts }),
    moeIntermediateSize: sizeOf(config, "moe_intermediate_size"),
    normTopkProb: config.boolean("norm_topk_prob", false),
    sparseLayers: Array.from({ length: numHiddenLayers }, (_, layer) => isSparse(layer)),
  });
}
