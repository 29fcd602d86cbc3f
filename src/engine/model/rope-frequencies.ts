import type { RopeFacts } from "../../model-facts/mod.ts";

export interface RopeFrequencies {
  /** [headDim / 2] Radians per position. */
  readonly inverseFrequencies: Float32Array;
  /** Cosines and sines are multiplied by it. */
  readonly attentionFactor: number;
}

/**
 * The frequencies for a sequence of `ropeLength` tokens, as transformers' modeling_rope_utils computes them. Only
 * "dynamic" and "longrope" look at the length.
 */
export function ropeFrequencies(
  rope: RopeFacts,
  headDim: number,
  ropeLength: number,
): RopeFrequencies {
  switch (rope.type) {
    case "default":
      return plain(powers(rope.theta, headDim));
    case "linear":
      return plain(powers(rope.theta, headDim).map((frequency) => frequency / rope.factor));
    case "dynamic":
      return plain(powers(dynamicTheta(rope, headDim, ropeLength), headDim));
    case "llama3":
      return plain(powers(rope.theta, headDim).map((frequency) => llama3(rope, frequency)));
    case "yarn":
      return scaled(yarn(rope, headDim), rope.attentionFactor);
    default:
      return scaled(longrope(rope, headDim, ropeLength), rope.attentionFactor);
  }
}

/** The longest sequence whose keys do not depend on its length. */
export function lengthInvariantMaxOf(rope: RopeFacts): number {
  return rope.type === "dynamic" || rope.type === "longrope" ? rope.originalMaxPosition : Infinity;
}

/** True where keys depend on how long their sequence was when they were computed. */
export function dependsOnLength(rope: RopeFacts): boolean {
  return lengthInvariantMaxOf(rope) < Infinity;
}

type Facts<Type extends RopeFacts["type"]> = Extract<RopeFacts, { readonly type: Type }>;

function plain(frequencies: readonly number[]): RopeFrequencies {
  return scaled(frequencies, 1);
}

function scaled(frequencies: readonly number[], attentionFactor: number): RopeFrequencies {
  return { inverseFrequencies: Float32Array.from(frequencies), attentionFactor };
}

/** theta ^ (-2 i / headDim) */
function powers(theta: number, headDim: number): number[] {
  return Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim));
}

/** NTK-aware: the base grows with the length, so that the slowest frequency just reaches it. */
function dynamicTheta(rope: Facts<"dynamic">, headDim: number, ropeLength: number): number {
  const { theta, factor, originalMaxPosition } = rope;
  const length = Math.max(ropeLength, originalMaxPosition);
  const stretch = (factor * length) / originalMaxPosition - (factor - 1);
  return theta * stretch ** (headDim / (headDim - 2));
}

/** Slow frequencies are divided by the factor, fast ones kept, those between are blended. */
function llama3(rope: Facts<"llama3">, frequency: number): number {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPosition } = rope;
  const turns = (originalMaxPosition * frequency) / (2 * Math.PI);
  if (turns < lowFreqFactor) return frequency / factor;
  if (turns > highFreqFactor) return frequency;
  const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

function yarn(rope: Facts<"yarn">, headDim: number): number[] {
  const { low, high } = yarnRamp(rope, headDim);
  return powers(rope.theta, headDim).map((frequency, i) => {
    const slow = Math.min(Math.max((i - low) / (high - low), 0), 1);
    return (frequency / rope.factor) * slow + frequency * (1 - slow);
  });
}

/** The dimensions between which interpolation fades in. */
function yarnRamp(rope: Facts<"yarn">, headDim: number) {
  const { theta, originalMaxPosition, betaFast, betaSlow, truncate } = rope;
  const dimensionOf = (turns: number) =>
    (headDim * Math.log(originalMaxPosition / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const first = dimensionOf(betaFast);
  const last = dimensionOf(betaSlow);
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, headDim - 1);
  return { low, high: high === low ? high + 0.001 : high };
}

function longrope(rope: Facts<"longrope">, headDim: number, ropeLength: number): number[] {
  const factors = ropeLength > rope.originalMaxPosition ? rope.longFactor : rope.shortFactor;
  return powers(rope.theta, headDim).map((frequency, i) => frequency / factors[i]!);
}
