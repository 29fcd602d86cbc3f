import type { ModelShape } from "../../model-facts/mod.ts";
import { type WeightGroup, weightGroups, weightParts } from "./weight-parts.ts";

export interface ParameterCount {
  readonly groups: Readonly<Record<WeightGroup, number>>;
  readonly total: number;
  /** Parameters that take part in one token: all but the experts it is not routed to. */
  readonly active: number;
}

export function countParameters(shape: ModelShape): ParameterCount {
  const groups = Object.fromEntries(weightGroups.map((group) => [group, 0])) as Record<
    WeightGroup,
    number
  >;
  for (const { group, elements } of weightParts(shape)) groups[group] += elements;
  const total = Object.values(groups).reduce((sum, elements) => sum + elements, 0);
  const idle = groups["routed experts"] * (1 - activeExpertShare(shape));
  return { groups, total, active: Math.round(total - idle) };
}

/** Share of a layer's routed experts that one token uses; 1 for a dense model. */
export function activeExpertShare({ experts }: ModelShape): number {
  return experts === null ? 1 : experts.numExpertsPerTok / experts.numExperts;
}
