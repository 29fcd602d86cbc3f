import type { ComputeSeat } from "./compute-seat.ts";
import { blockStrideOf } from "./memory-plan.ts";
import { shareOf } from "./share.ts";
import type { StepCounts } from "./step-control.ts";

/**
 * The first half of attention, split by heads (query heads, then key heads, then value heads): project, normalise,
 * rotate, and put keys and values into the cache.
 */
export function projectPhase(my: ComputeSeat, layer: number, { tokenCount }: StepCounts): void {
  const { kernels, gemm, plan, own, seat } = my;
  const { hiddenSize, headDim, numAttentionHeads, numKeyValueHeads, rmsNormEps } = plan.config;
  const { hidden, qkv } = plan.scratch;
  const weights = plan.weights.layers[layer]!; // The caller walks the layers.
  const headCount = numAttentionHeads + 2 * numKeyValueHeads;
  const width = headCount * headDim;
  const { start, end } = shareOf(seat, headCount);
  if (start === end) return;
  kernels.rmsNorm(
    hidden,
    weights.inputNorm,
    own.normed,
    tokenCount,
    hiddenSize,
    hiddenSize,
    rmsNormEps,
  );
  const [first, last] = [start * headDim, end * headDim];
  gemm(
    own.normed,
    weights.qkv,
    qkv,
    tokenCount,
    hiddenSize,
    first,
    last,
    width,
    weights.qkvBias,
    0,
  );
  for (let head = start; head < end; head++) {
    const address = qkv + head * headDim * 4;
    if (head < numAttentionHeads) {
      finishHead(my, address, { norm: weights.qNorm, width, tokenCount });
    } else if (head < numAttentionHeads + numKeyValueHeads) {
      finishHead(my, address, { norm: weights.kNorm, width, tokenCount });
      store(my, address, { layer, kind: "keys", head: head - numAttentionHeads, tokenCount });
    } else {
      const kvHead = head - numAttentionHeads - numKeyValueHeads;
      store(my, address, { layer, kind: "values", head: kvHead, tokenCount });
    }
  }
}

interface HeadWork {
  /** Address of the q or k norm; 0 where the family has none. */
  readonly norm: number;
  readonly width: number;
  readonly tokenCount: number;
}

function finishHead({ kernels, plan }: ComputeSeat, address: number, work: HeadWork): void {
  const { headDim, rmsNormEps } = plan.config;
  const { norm, width, tokenCount } = work;
  if (norm !== 0) kernels.rmsNorm(address, norm, address, tokenCount, headDim, width, rmsNormEps);
  kernels.rope(address, plan.step.ropeTable, tokenCount, width, headDim);
}

interface StoreWork {
  readonly layer: number;
  readonly kind: "keys" | "values";
  /** Of the key-value heads. */
  readonly head: number;
  readonly tokenCount: number;
}

function store({ kernels, plan }: ComputeSeat, address: number, work: StoreWork): void {
  const { headDim, numAttentionHeads, numKeyValueHeads } = plan.config;
  const { layer, kind, head, tokenCount } = work;
  const width = (numAttentionHeads + 2 * numKeyValueHeads) * headDim;
  const base = headAddress(plan.caches[layer]![kind], head, plan); // As many caches as layers.
  kernels.scatterRows(address, width, base, plan.step.cacheOffsets, tokenCount, headDim);
}

/** The part of block 0 that belongs to one key-value head. */
function headAddress(cache: number, kvHead: number, plan: ComputeSeat["plan"]): number {
  return cache + kvHead * plan.blockSize * plan.config.headDim * 4;
}

/** Attention itself, split by (query head, token) pairs, heads outermost. */
export function attendPhase(my: ComputeSeat, layer: number, counts: StepCounts): void {
  const { plan, seat } = my;
  const { tokenCount } = counts;
  const { start, end } = shareOf(seat, plan.config.numAttentionHeads * tokenCount);
  for (let at = start; at < end;) {
    const head = Math.floor(at / tokenCount);
    const headEnd = Math.min(end, (head + 1) * tokenCount);
    const tokens = { start: at - head * tokenCount, end: headEnd - head * tokenCount };
    attendHead(my, { layer, head, tokens, sequenceCount: counts.sequenceCount });
    at = headEnd;
  }
}

interface HeadTokens {
  readonly layer: number;
  readonly head: number;
  readonly tokens: { readonly start: number; readonly end: number };
  readonly sequenceCount: number;
}

function attendHead(my: ComputeSeat, { layer, head, tokens, sequenceCount }: HeadTokens): void {
  const { kernels, plan, own, buffer } = my;
  const { headDim, numAttentionHeads, numKeyValueHeads } = plan.config;
  const kvHead = Math.floor((head * numKeyValueHeads) / numAttentionHeads);
  const keys = headAddress(plan.caches[layer]!.keys, kvHead, plan); // As many caches as layers.
  const values = headAddress(plan.caches[layer]!.values, kvHead, plan);
  const qkvWidth = (numAttentionHeads + 2 * numKeyValueHeads) * headDim;
  const table = new Uint32Array(buffer, plan.step.sequences, sequenceCount * 4);
  for (let sequence = 0; sequence < sequenceCount; sequence++) {
    const offset = table[sequence * 4]!;
    const start = Math.max(tokens.start, offset);
    const end = Math.min(tokens.end, offset + table[sequence * 4 + 1]!);
    if (start >= end) continue;
    const q = plan.scratch.qkv + (start * qkvWidth + head * headDim) * 4;
    const out = plan.scratch.attention + (start * numAttentionHeads + head) * headDim * 4;
    const position = table[sequence * 4 + 2]! + start - offset;
    const blockTable = table[sequence * 4 + 3]!;
    const shape = plan.step.attentionShape;
    kernels.attention(q, out, end - start, position, blockTable, keys, values, own.scores, shape);
  }
}

/** The constants of the attention kernel for a model. */
export function attentionShapeOf({ config, blockSize }: ComputeSeat["plan"]) {
  const { headDim, numAttentionHeads, numKeyValueHeads } = config;
  return {
    headDim,
    blockSize,
    blockStride: blockStrideOf(config, blockSize),
    queryStride: (numAttentionHeads + 2 * numKeyValueHeads) * headDim,
    outStride: numAttentionHeads * headDim,
    scale: 1 / Math.sqrt(headDim),
  };
}
