import { join } from "node:path";
import { ConfigReader } from "./config-reader.ts";
import { readOptionalJsonFile } from "./json-file.ts";

/** Sampling defaults under the names that generation_config.json uses. */
export interface GenerationDefaults {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly min_p?: number;
  readonly repetition_penalty?: number;
  readonly max_new_tokens?: number;
}

export interface GenerationConfig {
  /** null: the file does not say, config.json decides. */
  readonly eosTokenIds: readonly number[] | null;
  readonly defaults: GenerationDefaults;
}

const numberRanges = {
  temperature: { min: 0 },
  top_p: { min: 0, max: 1 },
  top_k: { min: 0 },
  min_p: { min: 0, max: 1 },
  repetition_penalty: { min: Number.MIN_VALUE },
  max_new_tokens: { min: 1 },
} as const;

/**
 * Reads `generation_config.json`; a directory without it has no defaults.
 *
 * @throws PenstockError MODEL_JSON_INVALID, MODEL_CONFIG_INVALID
 */
export async function readGenerationConfig(directory: string): Promise<GenerationConfig> {
  const file = join(directory, "generation_config.json");
  const object = await readOptionalJsonFile(file);
  if (object === null) return { eosTokenIds: null, defaults: {} };
  const config = new ConfigReader(file, object);
  const eosTokenIds = config.has("eos_token_id") ? config.integers("eos_token_id") : null;
  return Object.freeze({ eosTokenIds, defaults: readDefaults(config) });
}

/** With `do_sample: false` transformers decodes greedily and ignores the other values, hence so do we. */
function readDefaults(config: ConfigReader): GenerationDefaults {
  const entries = Object.entries(numberRanges)
    .filter(([key]) => config.has(key))
    .map(([key, range]) => [key, config.number(key, range)] as const);
  const defaults: GenerationDefaults = Object.fromEntries(entries);
  if (config.boolean("do_sample", true)) return Object.freeze(defaults);
  const { max_new_tokens } = defaults;
  return Object.freeze({ temperature: 0, ...(max_new_tokens !== undefined && { max_new_tokens }) });
}
