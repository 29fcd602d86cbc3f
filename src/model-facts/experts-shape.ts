import type { FactReader } from "./fact-reader.ts";
import type { FamilyFacts } from "./model-families.ts";

/** The routed and shared experts of a mixture-of-experts model. */
export interface ExpertsShape {
  readonly numExperts: number;
  readonly numExpertsPerTok: number;
  /** Intermediate size of one routed expert. */
  readonly intermediateSize: number;
  /** Intermediate size of all shared experts of a layer together; 0 without any. */
  readonly sharedIntermediateSize: number;
  readonly hasBias: boolean;
  /** Vectors of numExperts beside the router's matrix: its bias, the correction of its scores. */
  readonly routerVectors: number;
  readonly hasSharedGate: boolean;
  /** [numHiddenLayers] True where a layer routes to experts. */
  readonly sparseLayers: readonly boolean[];
}

const count = { max: 2 ** 16 };
const width = { max: 2 ** 24 };

/** Null for a dense model. Throws MODEL_CONFIG_INVALID. */
export function readExpertsShape(
  facts: FactReader,
  family: FamilyFacts,
  numHiddenLayers: number,
): ExpertsShape | null {
  const countNames = ["num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts"];
  const numExperts = facts.integer(countNames, { ...count, min: 0, fallback: 0 });
  if (numExperts === 0) return null;
  const intermediateSize = facts.integer(["moe_intermediate_size", "intermediate_size"], width);
  return {
    numExperts,
    numExpertsPerTok: facts.integer(
      ["num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_k", "moe_topk"],
      { max: numExperts },
    ),
    intermediateSize,
    sharedIntermediateSize: readSharedSize(facts, family, intermediateSize),
    hasBias: family.expertBias === true,
    routerVectors:
      (family.expertBias === true ? 1 : 0) +
      (facts.text("topk_method") === "noaux_tc" || facts.text("model_type") === "glm4_moe" ? 1 : 0),
    hasSharedGate: family.sharedExpertGate === true,
    sparseLayers: readSparseLayers(facts, numHiddenLayers),
  };
}

function readSharedSize(facts: FactReader, family: FamilyFacts, expertSize: number): number {
  const whole = facts.optionalInteger("shared_expert_intermediate_size", { ...width, min: 0 });
  if (whole !== null) return whole;
  const shared = facts.integer(["n_shared_experts", "num_shared_experts"], {
    ...count,
    min: 0,
    fallback: family.sharedExpert === true ? 1 : 0,
  });
  return shared * expertSize;
}

/** Each family names the layers without experts in its own way; a layer is sparse where none of the ways objects. */
function readSparseLayers(facts: FactReader, numHiddenLayers: number): readonly boolean[] {
  const layers = Array.from({ length: numHiddenLayers }, (_, layer) => layer);
  const types = facts.list("mlp_layer_types");
  if (types.length > 0) {
    if (types.length !== numHiddenLayers)
      facts.fail("mlp_layer_types", `a list of ${numHiddenLayers}`);
    return layers.map((layer) => types[layer] !== "dense");
  }
  const sparse = new Set(facts.integers("moe_layers"));
  if (sparse.size > 0) return layers.map((layer) => sparse.has(layer));
  const first = facts.integer(["first_k_dense_replace", "moe_layer_start_index"], {
    min: 0,
    fallback: 0,
  });
  const step = facts.integer(["decoder_sparse_step", "interleave_moe_layer_step"], { fallback: 1 });
  const dense = new Set(facts.integers("mlp_only_layers"));
  const isOnBeat = readBeat(facts, numHiddenLayers);
  return layers.map(
    (layer) => layer >= first && (layer + 1) % step === 0 && !dense.has(layer) && isOnBeat(layer),
  );
}

/** moe_layer_freq: one number for "every n-th layer", or 0 and 1 for each layer. */
function readBeat(facts: FactReader, numHiddenLayers: number): (layer: number) => boolean {
  const [frequency = 1, ...more] = facts.integers("moe_layer_freq");
  if (more.length === 0) return (layer) => frequency > 0 && layer % frequency === 0;
  const flags = [frequency, ...more];
  if (flags.length !== numHiddenLayers)
    facts.fail("moe_layer_freq", `a list of ${numHiddenLayers}`);
  return (layer) => flags[layer] !== 0;
}
