export type JsonValue =
  | boolean
  | number
  | string
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonTable = Readonly<Record<string, JsonValue>>;

/** Flags of vLLM with their values; null and undefined leave a flag out. */
export type VllmFlags = Readonly<Record<`--${string}`, JsonValue | undefined>>;

/** Flags without an opposite: `--no-headless` is no argument of vLLM. */
const switches = new Set([
  "--headless",
  "--grpc",
  "--data-parallel-multi-port-external-lb",
  "--disable-log-stats",
  "--aggregate-engine-logging",
]);
/** Lists that vLLM reads as JSON; every other list is one flag followed by words. */
const jsonLists = new Set(["--allowed-origins", "--allowed-methods", "--allowed-headers"]);
const repeated = new Set(["--middleware"]);

/**
 * A flag and its value as words of vLLM's argument parser: `--seed 0`, `--no-enforce-eager`,
 * `--served-model-name a b`, `--eplb-config {"window_size":1000}`. A word that begins with a dash is joined to its
 * flag, since it would be read as a flag itself.
 */
export function flagWords(flag: string, value: JsonValue | undefined): readonly string[] {
  if (value === null || value === undefined) return [];
  if (value === true) return [flag];
  if (value === false) return switches.has(flag) ? [] : [flag.replace("--", "--no-")];
  if (Array.isArray(value)) return listWords(flag, value as readonly JsonValue[]);
  return [...joinable(flag, wordOf(value))];
}

export function flagsToWords(flags: VllmFlags): readonly string[] {
  return Object.entries(flags).flatMap(([flag, value]) => flagWords(flag, value));
}

function listWords(flag: string, values: readonly JsonValue[]): readonly string[] {
  if (jsonLists.has(flag)) return joinable(flag, JSON.stringify(values));
  const words = values.map(wordOf);
  if (repeated.has(flag)) return words.flatMap((word) => joinable(flag, word));
  return words.length === 0 ? [] : [flag, ...words];
}

function joinable(flag: string, word: string): readonly string[] {
  return word.startsWith("-") ? [`${flag}=${word}`] : [flag, word];
}

function wordOf(value: JsonValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
