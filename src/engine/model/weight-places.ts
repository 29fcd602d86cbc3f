import type { ModelConfig } from "../../model-facts/mod.ts";
import type { Dtype } from "../types.ts";
import type { Arena } from "./arena.ts";

/** Where one stored tensor goes in memory and as what; one-dimensional ones are always float32. */
export interface WeightPlace {
  readonly name: string;
  readonly address: number;
  readonly dtype: Dtype;
}

/** Addresses of a model's weights; 0 is "has none". Matrices are [out, in]. */
export interface ModelWeights {
  readonly embedding: number;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: number;
  /** The embedding again where the two are tied. */
  readonly lmHead: number;
}

export interface LayerWeights {
  readonly inputNorm: number;
  /** Rows of q, then k, then v. */
  readonly qkv: number;
  readonly qkvBias: number;
  readonly qNorm: number;
  readonly kNorm: number;
  readonly output: number;
  readonly outputBias: number;
  readonly postAttentionNorm: number;
  readonly mlp: DenseWeights | SparseWeights;
}

export interface DenseWeights extends GatedWeights {
  readonly kind: "dense";
  readonly gateBias: number;
  readonly upBias: number;
  readonly downBias: number;
}

export interface SparseWeights {
  readonly kind: "sparse";
  readonly router: number;
  readonly experts: readonly GatedWeights[];
}

export interface GatedWeights {
  readonly gate: number;
  readonly up: number;
  readonly down: number;
}

/** Kernels read a matrix up to the next multiple of so many rows. */
const rowMultiple = 8;

/** Gives every weight of the model its place. */
export function placeWeights(
  config: ModelConfig,
  dtype: Dtype,
  arena: Arena,
): { readonly weights: ModelWeights; readonly places: readonly WeightPlace[] } {
  const placer = new WeightPlacer(dtype, arena);
  const embeddingName = "model.embed_tokens.weight";
  const { hiddenSize, vocabSize, numHiddenLayers, tieWordEmbeddings } = config;
  const embedding = placer.matrix(hiddenSize, [embeddingName, vocabSize]);
  const layers = Array.from({ length: numHiddenLayers }, (_, layer) =>
    placeLayer(config, placer, layer),
  );
  const finalNorm = placer.vector(["model.norm.weight", hiddenSize]);
  const lmHead = tieWordEmbeddings
    ? embedding
    : placer.matrix(hiddenSize, ["lm_head.weight", vocabSize]);
  return { weights: { embedding, layers, finalNorm, lmHead }, places: placer.places };
}

type NamedSize = readonly [name: string, size: number];

class WeightPlacer {
  readonly places: WeightPlace[] = [];
  readonly #dtype: Dtype;
  readonly #arena: Arena;

  constructor(dtype: Dtype, arena: Arena) {
    this.#dtype = dtype;
    this.#arena = arena;
  }

  /** One matrix made of stored ones, one above the other. */
  matrix(columns: number, ...parts: readonly NamedSize[]): number {
    const rows = parts.reduce((sum, [, size]) => sum + size, 0);
    const rowBytes = columns * (this.#dtype === "bfloat16" ? 2 : 4);
    const address = this.#arena.allocate(Math.ceil(rows / rowMultiple) * rowMultiple * rowBytes);
    this.#placeParts(parts, { address, itemBytes: rowBytes, dtype: this.#dtype });
    return address;
  }

  /** One vector made of stored ones, end to end. */
  vector(...parts: readonly NamedSize[]): number {
    const size = parts.reduce((sum, [, size]) => sum + size, 0);
    const address = this.#arena.allocate(size * 4);
    this.#placeParts(parts, { address, itemBytes: 4, dtype: "float32" });
    return address;
  }

  optionalVector(exists: boolean, ...parts: readonly NamedSize[]): number {
    return exists ? this.vector(...parts) : 0;
  }

  #placeParts(
    parts: readonly NamedSize[],
    whole: { readonly address: number; readonly itemBytes: number; readonly dtype: Dtype },
  ): void {
    const { itemBytes, dtype } = whole;
    let { address } = whole;
    for (const [name, size] of parts) {
      this.places.push({ name, address, dtype });
      address += size * itemBytes;
    }
  }
}

function placeLayer(config: ModelConfig, placer: WeightPlacer, layer: number): LayerWeights {
  const { hiddenSize, headDim, qkvBias, outputBias, qkNorm } = config;
  const prefix = `model.layers.${layer}.`;
  const attention = `${prefix}self_attn.`;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const qkvParts = (suffix: string): NamedSize[] => [
    [`${attention}q_proj.${suffix}`, queries],
    [`${attention}k_proj.${suffix}`, keys],
    [`${attention}v_proj.${suffix}`, keys],
  ];
  return {
    inputNorm: placer.vector([`${prefix}input_layernorm.weight`, hiddenSize]),
    qkv: placer.matrix(hiddenSize, ...qkvParts("weight")),
    qkvBias: placer.optionalVector(qkvBias, ...qkvParts("bias")),
    qNorm: placer.optionalVector(qkNorm, [`${attention}q_norm.weight`, headDim]),
    kNorm: placer.optionalVector(qkNorm, [`${attention}k_norm.weight`, headDim]),
    output: placer.matrix(queries, [`${attention}o_proj.weight`, hiddenSize]),
    outputBias: placer.optionalVector(outputBias, [`${attention}o_proj.bias`, hiddenSize]),
    postAttentionNorm: placer.vector([`${prefix}post_attention_layernorm.weight`, hiddenSize]),
    mlp:
      config.moe?.sparseLayers[layer] === true
        ? placeSparse(config, placer, `${prefix}mlp.`)
        : placeDense(config, placer, `${prefix}mlp.`),
  };
}

function placeDense(config: ModelConfig, placer: WeightPlacer, prefix: string): DenseWeights {
  const { hiddenSize, intermediateSize: width, mlpBias } = config;
  return {
    kind: "dense",
    ...placeGated(placer, prefix, { hiddenSize, width }),
    gateBias: placer.optionalVector(mlpBias, [`${prefix}gate_proj.bias`, width]),
    upBias: placer.optionalVector(mlpBias, [`${prefix}up_proj.bias`, width]),
    downBias: placer.optionalVector(mlpBias, [`${prefix}down_proj.bias`, hiddenSize]),
  };
}

function placeSparse(config: ModelConfig, placer: WeightPlacer, prefix: string): SparseWeights {
  const { hiddenSize } = config;
  const { numExperts, moeIntermediateSize: width } = config.moe!; // Only sparse layers come here.
  return {
    kind: "sparse",
    router: placer.matrix(hiddenSize, [`${prefix}gate.weight`, numExperts]),
    experts: Array.from({ length: numExperts }, (_, expert) =>
      placeGated(placer, `${prefix}experts.${expert}.`, { hiddenSize, width }),
    ),
  };
}

function placeGated(
  placer: WeightPlacer,
  prefix: string,
  { hiddenSize, width }: { readonly hiddenSize: number; readonly width: number },
): GatedWeights {
  return {
    gate: placer.matrix(hiddenSize, [`${prefix}gate_proj.weight`, width]),
    up: placer.matrix(hiddenSize, [`${prefix}up_proj.weight`, width]),
    down: placer.matrix(width, [`${prefix}down_proj.weight`, hiddenSize]),
  };
}
