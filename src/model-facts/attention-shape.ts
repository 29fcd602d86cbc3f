import type { FactReader } from "./fact-reader.ts";
import type { FamilyFacts } from "./model-families.ts";

/** Keys and values of every KV head are kept: GQA, with MHA and MQA as its ends. */
export interface GroupedAttention {
  readonly kind: "grouped";
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  /** Elements of the small vectors of a layer: norms of q and k, attention sinks. */
  readonly vectorElements: number;
}

/** One compressed vector a token is kept, from which the keys and values of all heads are computed: MLA. */
export interface LatentAttention {
  readonly kind: "latent";
  readonly numAttentionHeads: number;
  readonly kvLoraRank: number;
  /** Null where queries are not compressed. */
  readonly qLoraRank: number | null;
  readonly qkNopeHeadDim: number;
  readonly qkRopeHeadDim: number;
  readonly vHeadDim: number;
}

export type AttentionShape = GroupedAttention | LatentAttention;

const size = { max: 2 ** 20 };

/** Throws MODEL_CONFIG_INVALID. */
export function readAttentionShape(
  facts: FactReader,
  family: FamilyFacts,
  hiddenSize: number,
): AttentionShape {
  const numAttentionHeads = facts.integer(["num_attention_heads", "n_head", "n_heads"], {
    ...size,
    ...fallback(family.defaults?.["num_attention_heads"]),
  });
  if (facts.has("kv_lora_rank")) return readLatent(facts, numAttentionHeads);
  const numKeyValueHeads = readKeyValueHeads(facts, family, numAttentionHeads);
  const quotient = hiddenSize / numAttentionHeads;
  const headDim = facts.integer("head_dim", {
    ...size,
    ...fallback(
      family.defaults?.["head_dim"] ?? (Number.isInteger(quotient) ? quotient : undefined),
    ),
  });
  const hasBias = facts.boolean(["attention_bias", "qkv_bias"], family.qkvBias === true);
  return {
    kind: "grouped",
    numAttentionHeads,
    numKeyValueHeads,
    headDim,
    qkvBias: hasBias,
    outputBias: hasBias && family.noOutputBias !== true,
    vectorElements:
      normElements(facts, family, { numAttentionHeads, numKeyValueHeads, headDim }) +
      (family.attentionSinks === true ? numAttentionHeads : 0),
  };
}

function readKeyValueHeads(
  facts: FactReader,
  family: FamilyFacts,
  numAttentionHeads: number,
): number {
  const numKeyValueHeads = facts.integer(["num_key_value_heads", "num_kv_heads", "n_head_kv"], {
    ...size,
    fallback: family.defaults?.["num_key_value_heads"] ?? numAttentionHeads,
  });
  return numAttentionHeads % numKeyValueHeads === 0
    ? numKeyValueHeads
    : facts.fail("num_key_value_heads", `a divisor of num_attention_heads, ${numAttentionHeads}`);
}

function normElements(
  facts: FactReader,
  family: FamilyFacts,
  heads: Pick<GroupedAttention, "numAttentionHeads" | "numKeyValueHeads" | "headDim">,
): number {
  const kind = family.qkNorm ?? (facts.boolean("use_qk_norm", false) ? "head" : undefined);
  if (kind === "head") return 2 * heads.headDim;
  if (kind === undefined) return 0;
  return (heads.numAttentionHeads + heads.numKeyValueHeads) * heads.headDim;
}

function readLatent(facts: FactReader, numAttentionHeads: number): LatentAttention {
  return {
    kind: "latent",
    numAttentionHeads,
    kvLoraRank: facts.integer("kv_lora_rank", size),
    qLoraRank: facts.optionalInteger("q_lora_rank", size),
    qkNopeHeadDim: facts.integer("qk_nope_head_dim", size),
    qkRopeHeadDim: facts.integer("qk_rope_head_dim", size),
    vHeadDim: facts.integer("v_head_dim", size),
  };
}

function fallback(value: number | undefined): { readonly fallback?: number } {
  return value === undefined ? {} : { fallback: value };
}
