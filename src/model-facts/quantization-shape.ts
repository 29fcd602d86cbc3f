import type { ConfigReader } from "./config-reader.ts";
import type { FactReader } from "./fact-reader.ts";

/** How the big matrices of a checkpoint are stored; embeddings, norms and routers keep the model's dtype. */
export interface QuantizationShape {
  /** quant_method of config.json. */
  readonly method: string;
  /** Bits a weight takes, its share of scales and zero points included. */
  readonly bitsPerWeight: number;
  /** Which matrices: all of attention and MLPs, or those of routed experts alone. */
  readonly covers: "matrices" | "experts";
  /** True where products are computed on FP8 tensor cores. */
  readonly isFp8: boolean;
  /** Rows and columns that share one scale, where scales belong to tiles of a matrix. */
  readonly tile: readonly [number, number] | null;
}

const bits = { min: 1, max: 16 };
const group = { min: 1, max: 2 ** 20 };
const scaleBits = 16;

/** Null for plain weights; "unknown" for a method that is not known here. Throws MODEL_CONFIG_INVALID. */
export function readQuantizationShape(facts: FactReader): QuantizationShape | "unknown" | null {
  const config = facts.object("quantization_config");
  if (config === null) return null;
  const method = config.string("quant_method") ?? config.fail("quant_method", "a string");
  const shape = { method, covers: "matrices", isFp8: false, tile: null } as const;
  switch (method) {
    case "fp8":
    case "fbgemm_fp8":
      return { ...shape, ...readFp8(config) };
    case "mxfp4":
      return { ...shape, bitsPerWeight: 4 + 8 / 32, covers: "experts" };
    case "awq":
    case "gptq":
    case "auto-round":
      return {
        ...shape,
        bitsPerWeight: integerBits(config, config.integer(bitsName(config), bits)),
      };
    case "bitsandbytes":
      return { ...shape, bitsPerWeight: config.boolean("load_in_8bit", false) ? 8 : 4.5 };
    case "modelopt":
      return readModelopt(config, shape) ?? "unknown";
    case "compressed-tensors":
      return readCompressedTensors(config, shape) ?? "unknown";
    default:
      return "unknown";
  }
}

function bitsName(config: ConfigReader): string {
  return config.has("w_bit") ? "w_bit" : "bits";
}

/** Whole numbers with a scale and a zero point a group; group_size -1 is one group a row, which costs nothing. */
function integerBits(config: ConfigReader, weightBits: number): number {
  const size = config.integer("group_size", { min: -1, max: group.max, fallback: 128 });
  return size > 0 ? weightBits + (scaleBits + weightBits) / size : weightBits;
}

function readFp8(config: ConfigReader) {
  if (!config.has("weight_block_size")) return { bitsPerWeight: 8, isFp8: true, tile: null };
  const [rows, columns] = config.positiveNumbers("weight_block_size", 2) as [number, number];
  return { bitsPerWeight: 8 + 32 / (rows * columns), isFp8: true, tile: [rows, columns] as const };
}

function readModelopt(
  config: ConfigReader,
  shape: Omit<QuantizationShape, "bitsPerWeight">,
): QuantizationShape | null {
  const algorithm = config.string("quant_algo");
  if (algorithm === "FP8") return { ...shape, bitsPerWeight: 8, isFp8: true };
  return algorithm === "NVFP4" ? { ...shape, bitsPerWeight: 4 + 8 / 16 } : null;
}

/** The first group alone: later ones are rare and hold few matrices. */
function readCompressedTensors(
  config: ConfigReader,
  shape: Omit<QuantizationShape, "bitsPerWeight">,
): QuantizationShape | null {
  const weights = config.object("config_groups")?.object("group_0")?.object("weights") ?? null;
  if (weights === null) return null;
  const weightBits = weights.integer("num_bits", bits);
  const groupSize = weights.has("group_size") ? weights.integer("group_size", group) : null;
  return {
    ...shape,
    bitsPerWeight: weightBits + (groupSize === null ? 0 : scaleBits / groupSize),
    isFp8: weights.string("type") === "float" && weightBits === 8,
  };
}
