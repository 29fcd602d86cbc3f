import type { AttentionShape, LayerMemory, ModelShape } from "../../model-facts/mod.ts";
import { activeExpertShare, countParameters } from "./parameter-count.ts";

/** A multiplication and an addition for each weight and token. */
const flopsPerWeight = 2;

/**
 * FLOPs of the prefill of one prompt: `2 × active matrix parameters × tokens` plus attention, the logits of the last
 * token included.
 */
export function prefillFlops(shape: ModelShape, tokens: number): number {
  const linear = flopsPerWeight * matrixParameters(shape) * tokens;
  const pairs = sum(shape.layerMemories.map((memory) => visibleTokenPairs(memory, tokens)));
  return linear + pairs * prefillFlopsPerPair(shape.attention) + logitFlops(shape);
}

/** FLOPs of one decoded token behind a context of so many tokens. */
export function decodeFlops(shape: ModelShape, contextTokens: number): number {
  const linear = flopsPerWeight * matrixParameters(shape);
  const pairs = sum(shape.layerMemories.map((memory) => visibleTokens(memory, contextTokens)));
  return linear + pairs * decodeFlopsPerPair(shape.attention) + logitFlops(shape);
}

/** Parameters of the layers that one token is multiplied with; the two vocabulary matrices are counted apart. */
function matrixParameters(shape: ModelShape): number {
  const { groups } = countParameters(shape);
  const { attention, "routed experts": routed, "shared experts": shared } = groups;
  return attention + groups["dense MLPs"] + shared + routed * activeExpertShare(shape);
}

function logitFlops({ vocabSize, hiddenSize }: ModelShape): number {
  return flopsPerWeight * vocabSize * hiddenSize;
}

/** One query and one key: the product for the score and the weighted sum of the value, over all heads. */
function prefillFlopsPerPair(attention: AttentionShape): number {
  const width =
    attention.kind === "grouped"
      ? 2 * attention.headDim
      : attention.qkNopeHeadDim + attention.qkRopeHeadDim + attention.vHeadDim;
  return flopsPerWeight * attention.numAttentionHeads * width;
}

/** MLA decodes on the compressed vectors themselves: fewer bytes, wider products. */
function decodeFlopsPerPair(attention: AttentionShape): number {
  if (attention.kind === "grouped") return prefillFlopsPerPair(attention);
  const width = 2 * attention.kvLoraRank + attention.qkRopeHeadDim;
  return flopsPerWeight * attention.numAttentionHeads * width;
}

/** Tokens that a query behind a context sees. Linear attention costs no more with more context. */
function visibleTokens(memory: LayerMemory, tokens: number): number {
  if (memory.kind === "state") return 0;
  return memory.kind === "full" ? tokens : Math.min(tokens, memory.tokens);
}

/** Pairs of a query and a key that it sees, in a prompt whose tokens see those before them. */
function visibleTokenPairs(memory: LayerMemory, tokens: number): number {
  const seen = visibleTokens(memory, tokens);
  return seen * tokens - (seen * seen) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
