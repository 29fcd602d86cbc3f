import { PenstockError } from "../errors/mod.ts";
import type { ConfigReader } from "./config-reader.ts";

export const ropeTypes = ["default", "linear", "dynamic", "yarn", "llama3", "longrope"] as const;

/** How positions become rotation angles; field names are those of transformers' rope_parameters. */
export type RopeFacts = { readonly theta: number } & (
  | { readonly type: "default" }
  | { readonly type: "linear"; readonly factor: number }
  | { readonly type: "dynamic"; readonly factor: number; readonly originalMaxPosition: number }
  | YarnFacts
  | Llama3Facts
  | LongropeFacts
);

interface YarnFacts {
  readonly type: "yarn";
  readonly factor: number;
  readonly originalMaxPosition: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  /** Round the ends of the ramp to whole dimensions. */
  readonly truncate: boolean;
  readonly attentionFactor: number;
}

interface Llama3Facts {
  readonly type: "llama3";
  readonly factor: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
  readonly originalMaxPosition: number;
}

interface LongropeFacts {
  readonly type: "longrope";
  readonly originalMaxPosition: number;
  /** [headDim / 2] each. */
  readonly shortFactor: readonly number[];
  readonly longFactor: readonly number[];
  readonly attentionFactor: number;
}

export interface RopeContext {
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
}

const atLeastOne = { min: 1 };

/**
 * Reads both forms: transformers 4 has `rope_theta` beside `rope_scaling` (whose kind is `rope_type` or `type`),
 * transformers 5 has all of it in `rope_parameters`.
 *
 * @throws PenstockError MODEL_ROPE_UNSUPPORTED, MODEL_CONFIG_INVALID
 */
export function readRopeFacts(config: ConfigReader, context: RopeContext): RopeFacts {
  const scaling = config.object("rope_parameters") ?? config.object("rope_scaling");
  const holder = scaling?.has("rope_theta") === true ? scaling : config;
  const theta = holder.number("rope_theta", { min: Number.MIN_VALUE, fallback: 10_000 });
  const type = scaling?.string("rope_type") ?? scaling?.string("type") ?? "default";
  for (const reader of [config, scaling]) {
    if (reader !== null && reader.number("partial_rotary_factor", { fallback: 1 }) !== 1)
      reader.fail("partial_rotary_factor", "1");
  }
  if (scaling === null || type === "default") return { type: "default", theta };
  return { theta, ...readScaling(type, scaling, context) };
}

function readScaling(type: string, scaling: ConfigReader, context: RopeContext) {
  switch (type) {
    case "linear":
      return { type, factor: scaling.number("factor", atLeastOne) } as const;
    case "dynamic":
      return {
        type,
        factor: scaling.number("factor", atLeastOne),
        originalMaxPosition: readOriginal(scaling, context),
      } as const;
    case "yarn":
      return readYarn(scaling, context);
    case "llama3":
      return readLlama3(scaling, context);
    case "longrope":
      return readLongrope(scaling, context);
    default:
      throw new PenstockError("MODEL_ROPE_UNSUPPORTED", {
        file: scaling.file,
        found: type,
        supported: ropeTypes,
      });
  }
}

function readOriginal(scaling: ConfigReader, context: RopeContext): number {
  const fallback = context.maxPositionEmbeddings;
  return scaling.integer("original_max_position_embeddings", { fallback });
}

function readYarn(scaling: ConfigReader, context: RopeContext): YarnFacts {
  const originalMaxPosition = readOriginal(scaling, context);
  const factor = scaling.number("factor", {
    min: 1,
    fallback: context.maxPositionEmbeddings / originalMaxPosition,
  });
  return {
    type: "yarn",
    factor,
    originalMaxPosition,
    betaFast: scaling.number("beta_fast", { fallback: 32 }),
    betaSlow: scaling.number("beta_slow", { fallback: 1 }),
    truncate: scaling.boolean("truncate", true),
    attentionFactor: scaling.number("attention_factor", { fallback: yarnScale(scaling, factor) }),
  };
}

/** The attention factor of the YaRN paper, and DeepSeek's variant with two mscale values. */
function yarnScale(scaling: ConfigReader, factor: number): number {
  const scaleFor = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const mscale = scaling.number("mscale", { fallback: 0 });
  const mscaleAllDim = scaling.number("mscale_all_dim", { fallback: 0 });
  if (mscale === 0 || mscaleAllDim === 0) return scaleFor(1);
  return scaleFor(mscale) / scaleFor(mscaleAllDim);
}

function readLlama3(scaling: ConfigReader, context: RopeContext): Llama3Facts {
  const lowFreqFactor = scaling.number("low_freq_factor", { min: Number.MIN_VALUE });
  return {
    type: "llama3",
    factor: scaling.number("factor", atLeastOne),
    lowFreqFactor,
    highFreqFactor: scaling.number("high_freq_factor", { min: lowFreqFactor * (1 + 1e-6) }),
    originalMaxPosition: readOriginal(scaling, context),
  };
}

function readLongrope(scaling: ConfigReader, context: RopeContext): LongropeFacts {
  const originalMaxPosition = readOriginal(scaling, context);
  const factor = scaling.number("factor", {
    fallback: context.maxPositionEmbeddings / originalMaxPosition,
  });
  const fallback =
    factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPosition));
  return {
    type: "longrope",
    originalMaxPosition,
    shortFactor: scaling.positiveNumbers("short_factor", context.headDim / 2),
    longFactor: scaling.positiveNumbers("long_factor", context.headDim / 2),
    attentionFactor: scaling.number("attention_factor", { fallback }),
  };
}
