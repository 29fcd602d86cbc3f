import type {
  ExpertsShape,
  GroupedAttention,
  LatentAttention,
  ModelShape,
} from "../../model-facts/mod.ts";

/** Kinds of weights, in the order of the forward pass; each is shown and counted by itself. */
export const weightGroups = [
  "embedding",
  "attention",
  "dense MLPs",
  "routed experts",
  "shared experts",
  "norms and routers",
  "LM head",
] as const;

export type WeightGroup = (typeof weightGroups)[number];

/**
 * How a part is spread over the GPUs of an instance: "tensor" over the TP GPUs of a rank, "kv heads" over those too
 * while there are heads enough, "experts" over the TP × DP GPUs of the instance, "none" whole on each GPU.
 */
export type WeightSplit = "tensor" | "kv heads" | "experts" | "none";

/** Weights that are spread, stored and used alike: those of all layers together. */
export interface WeightPart {
  readonly group: WeightGroup;
  readonly elements: number;
  readonly split: WeightSplit;
  /** A big matrix, which a quantized checkpoint stores in fewer bits. */
  readonly isMatrix: boolean;
}

/**
 * All weights of the model. Their sum is the number of parameters as the checkpoint holds it: matrices, biases,
 * norms, and the vectors of the routers.
 */
export function weightParts(shape: ModelShape): readonly WeightPart[] {
  const { hiddenSize, vocabSize, numHiddenLayers } = shape;
  const vocabulary = {
    elements: vocabSize * hiddenSize,
    split: "tensor",
    isMatrix: false,
  } as const;
  const norms = (numHiddenLayers * shape.normsPerLayer + 1) * hiddenSize;
  const parts: readonly WeightPart[] = [
    { group: "embedding", ...vocabulary },
    ...times(numHiddenLayers, attentionParts(shape)),
    ...times(numHiddenLayers - sparseLayerCount(shape.experts), denseParts(shape)),
    ...times(sparseLayerCount(shape.experts), expertParts(shape)),
    { group: "norms and routers", elements: norms, split: "none", isMatrix: false },
    ...(shape.tieWordEmbeddings ? [] : [{ group: "LM head", ...vocabulary } as const]),
  ];
  return parts.filter(({ elements }) => elements > 0);
}

export function sparseLayerCount(experts: ExpertsShape | null): number {
  return experts?.sparseLayers.filter(Boolean).length ?? 0;
}

function times(count: number, parts: readonly WeightPart[]): readonly WeightPart[] {
  return parts.map((part) => ({ ...part, elements: count * part.elements }));
}

function attentionParts({ attention, hiddenSize }: ModelShape): readonly WeightPart[] {
  return attention.kind === "grouped"
    ? groupedParts(attention, hiddenSize)
    : latentParts(attention, hiddenSize);
}

function groupedParts(attention: GroupedAttention, hiddenSize: number): readonly WeightPart[] {
  const { headDim, qkvBias, outputBias, vectorElements } = attention;
  const queries = attention.numAttentionHeads * headDim;
  const keysAndValues = 2 * attention.numKeyValueHeads * headDim;
  return [
    matrix("attention", "tensor", 2 * hiddenSize * queries),
    matrix("attention", "kv heads", hiddenSize * keysAndValues),
    vector("attention", "tensor", qkvBias ? queries : 0),
    vector("attention", "kv heads", qkvBias ? keysAndValues : 0),
    vector("attention", "none", (outputBias ? hiddenSize : 0) + vectorElements),
  ];
}

/** The compressing projections are whole on each GPU: every head needs what they give. */
function latentParts(attention: LatentAttention, hiddenSize: number): readonly WeightPart[] {
  const { numAttentionHeads, kvLoraRank, qLoraRank, qkNopeHeadDim, qkRopeHeadDim } = attention;
  const queries = numAttentionHeads * (qkNopeHeadDim + qkRopeHeadDim);
  const keysAndValues = numAttentionHeads * (qkNopeHeadDim + attention.vHeadDim);
  const outputs = numAttentionHeads * attention.vHeadDim;
  return [
    matrix("attention", "none", hiddenSize * ((qLoraRank ?? 0) + kvLoraRank + qkRopeHeadDim)),
    matrix("attention", "tensor", (qLoraRank ?? hiddenSize) * queries),
    matrix("attention", "tensor", kvLoraRank * keysAndValues + outputs * hiddenSize),
    vector("attention", "none", (qLoraRank ?? 0) + kvLoraRank),
  ];
}

function denseParts({ mlp, hiddenSize }: ModelShape): readonly WeightPart[] {
  const { intermediateSize, matrices, hasBias } = mlp;
  return [
    matrix("dense MLPs", "tensor", matrices * hiddenSize * intermediateSize),
    vector("dense MLPs", "tensor", hasBias ? (matrices - 1) * intermediateSize : 0),
    vector("dense MLPs", "none", hasBias ? hiddenSize : 0),
  ];
}

function expertParts({ experts, hiddenSize }: ModelShape): readonly WeightPart[] {
  if (experts === null) return [];
  const { numExperts, intermediateSize, sharedIntermediateSize, hasBias } = experts;
  const router = (hiddenSize + experts.routerVectors) * numExperts;
  const bias = hasBias ? numExperts * (2 * intermediateSize + hiddenSize) : 0;
  return [
    matrix("routed experts", "experts", numExperts * 3 * hiddenSize * intermediateSize),
    vector("routed experts", "experts", bias),
    matrix("shared experts", "tensor", 3 * hiddenSize * sharedIntermediateSize),
    vector("shared experts", "none", experts.hasSharedGate ? hiddenSize : 0),
    vector("norms and routers", "none", router),
  ];
}

function matrix(group: WeightGroup, split: WeightSplit, elements: number): WeightPart {
  return { group, split, elements, isMatrix: true };
}

/** Also for small matrices that stay unquantized. */
function vector(group: WeightGroup, split: WeightSplit, elements: number): WeightPart {
  return { group, split, elements, isMatrix: false };
}
