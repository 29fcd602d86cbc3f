import { join } from "node:path";
import { type LayerMemory, readLayerMemories } from "./attention-windows.ts";
import { type AttentionShape, readAttentionShape } from "./attention-shape.ts";
import { type ExpertsShape, readExpertsShape } from "./experts-shape.ts";
import { FactReader } from "./fact-reader.ts";
import { type JsonObject, readJsonFile } from "./json-file.ts";
import { type FamilyFacts, modelFamilies } from "./model-families.ts";
import { type QuantizationShape, readQuantizationShape } from "./quantization-shape.ts";

/** How large the parts of a decoder are: what follows from its config.json, whoever serves it. */
export interface ModelShape {
  /** As config.json names it; "unknown" where it does not. */
  readonly architecture: string;
  readonly numHiddenLayers: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  /** Null where config.json does not say. */
  readonly maxPositionEmbeddings: number | null;
  readonly tieWordEmbeddings: boolean;
  readonly attention: AttentionShape;
  /** The MLP of layers without experts. */
  readonly mlp: MlpShape;
  /** Null for a dense model. */
  readonly experts: ExpertsShape | null;
  /** [numHiddenLayers] */
  readonly layerMemories: readonly LayerMemory[];
  readonly normsPerLayer: number;
  /** The dtype that config.json names for the weights. */
  readonly dtype: ShapeDtype;
  readonly quantization: QuantizationShape | null;
  /** What was assumed or left out, one sentence each, without a full stop. */
  readonly remarks: readonly string[];
}

export interface MlpShape {
  readonly intermediateSize: number;
  /** Matrices of hidden_size × intermediate_size: gate, up and down, or two of them. */
  readonly matrices: 2 | 3;
  readonly hasBias: boolean;
}

export type ShapeDtype = "float32" | "bfloat16" | "float16";

const layersMax = 1_024;
const sizeMax = 2 ** 24;

/**
 * Reads the shape of any decoder from `config.json` of a Hugging Face directory; reads no other file.
 *
 * @throws PenstockError MODEL_FILE_MISSING, MODEL_FILE_UNREADABLE, MODEL_JSON_INVALID, MODEL_CONFIG_INVALID
 */
export async function readModelShape(directory: string): Promise<ModelShape> {
  const file = join(directory, "config.json");
  return parseModelShape(file, await readJsonFile(file, "the model's shape"));
}

/** The part of readModelShape without I/O. Throws MODEL_CONFIG_INVALID. */
export function parseModelShape(file: string, object: JsonObject): ModelShape {
  const facts = new FactReader(file, object);
  const modelType = facts.text("model_type");
  const family = familyOf(modelType);
  const hiddenSize = facts.integer(["hidden_size", "n_embd", "d_model"], { max: sizeMax });
  const numHiddenLayers = facts.integer(["num_hidden_layers", "n_layer", "n_layers"], {
    max: layersMax,
  });
  const attention = readAttentionShape(facts, family ?? {}, hiddenSize);
  const layerMemories = readLayerMemories(facts, family ?? {}, numHiddenLayers);
  const quantization = readQuantizationShape(facts);
  const dtype = readDtype(facts);
  const shape: ModelShape = {
    architecture: readArchitecture(facts),
    numHiddenLayers,
    hiddenSize,
    vocabSize: facts.integer("vocab_size", { max: sizeMax, ...defaultOf(family, "vocab_size") }),
    maxPositionEmbeddings: facts.optionalInteger(["max_position_embeddings", "n_positions"]),
    tieWordEmbeddings: facts.boolean("tie_word_embeddings", family?.tieWordEmbeddings === true),
    attention,
    mlp: readMlp(facts, family ?? {}),
    experts: readExpertsShape(facts, family ?? {}, numHiddenLayers),
    layerMemories,
    normsPerLayer: family?.normsPerLayer ?? 2,
    dtype: dtype ?? "bfloat16",
    quantization: quantization === "unknown" ? null : quantization,
    remarks: [
      ...(family === undefined ? [unknownFamily(modelType)] : []),
      ...(dtype === null ? ["config.json names no dtype: bfloat16 is assumed"] : []),
      ...remarksOn(facts, layerMemories, quantization === "unknown"),
    ],
  };
  return Object.freeze(shape);
}

function familyOf(modelType: string | null): FamilyFacts | undefined {
  if (modelType === null || !Object.hasOwn(modelFamilies, modelType)) return undefined;
  return modelFamilies[modelType];
}

function defaultOf(family: FamilyFacts | undefined, key: string): { readonly fallback?: number } {
  const value = family?.defaults?.[key];
  return value === undefined ? {} : { fallback: value };
}

function readArchitecture(facts: FactReader): string {
  const [name] = facts.list("architectures");
  return typeof name === "string" ? name : "unknown";
}

function readMlp(facts: FactReader, family: FamilyFacts): MlpShape {
  const names = ["intermediate_size_mlp", "intermediate_size", "ffn_dim", "n_inner"];
  return {
    // Where every layer has experts, config.json may leave the size of the dense MLP out.
    intermediateSize: facts.integer([...names, "moe_intermediate_size"], { max: sizeMax }),
    matrices: family.plainMlp === true ? 2 : 3,
    hasBias: facts.boolean("mlp_bias", false),
  };
}

/** Null where config.json names none. A checkpoint in FP8 says so in quantization_config. */
function readDtype(facts: FactReader): ShapeDtype | null {
  switch (facts.string(["torch_dtype", "dtype"])?.replace(/^torch\./, "")) {
    case "float32":
    case "float":
      return "float32";
    case "float16":
    case "half":
      return "float16";
    case "bfloat16":
      return "bfloat16";
    default:
      return null;
  }
}

function remarksOn(
  facts: FactReader,
  memories: readonly LayerMemory[],
  isUnknownQuantization: boolean,
): readonly string[] {
  const states = memories.filter(({ kind }) => kind === "state").length;
  const lines: [condition: boolean, remark: string][] = [
    [
      facts.has("vision_config"),
      "Of the model only the language part is counted: no vision_config",
    ],
    [facts.has("audio_config"), "Of the model only the language part is counted: no audio_config"],
    [
      facts.integers("num_nextn_predict_layers").some((layers) => layers > 0),
      "The layers for multi-token prediction (num_nextn_predict_layers) are not counted",
    ],
    [facts.has("index_n_heads"), "The indexer of the sparse attention is not counted"],
    [
      states > 0,
      `${states} layers keep a state of constant size: it is not counted, their weights are counted like attention`,
    ],
    [
      isUnknownQuantization,
      "The quantization_config is of an unknown kind: weights are counted in the model's dtype",
    ],
  ];
  return lines.filter(([condition]) => condition).map(([, remark]) => remark);
}

function unknownFamily(modelType: string | null): string {
  const subject = modelType === null ? "config.json names no" : `"${modelType}" is an unknown`;
  return `${subject} model_type: its weights are counted like those of Llama`;
}
