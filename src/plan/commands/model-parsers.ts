/** vLLM's parsers for what a model writes; null where the model writes nothing of the kind, or nobody knows. */
export interface ModelParsers {
  readonly toolCall: string | null;
  readonly reasoning: string | null;
}

/**
 * Parsers by the names of models, as their makers tell people to start vLLM; the first that fits counts. Names stand
 * without owner, in lower case.
 */
const known: readonly (readonly [
  name: RegExp,
  toolCall: string | null,
  reasoning: string | null,
])[] = [
  [/^intellect-3/, "qwen3_coder", "deepseek_r1"],
  [/^qwen3-coder/, "qwen3_coder", null],
  [/^qwen3-.*-instruct/, "hermes", null],
  [/^qwen3/, "hermes", "qwen3"],
  [/^qwen2\.5/, "hermes", null],
  [/^qwq/, "hermes", "deepseek_r1"],
  [/^deepseek-r1-distill/, null, "deepseek_r1"],
  [/^deepseek-r1/, "deepseek_v3", "deepseek_r1"],
  [/^deepseek-v3\.1/, "deepseek_v31", "deepseek_v3"],
  [/^deepseek-v3\.2/, "deepseek_v32", "deepseek_v3"],
  [/^deepseek-v3/, "deepseek_v3", null],
  [/^glm-4\.[56]/, "glm45", "glm45"],
  [/^glm-4\.7/, "glm47", "glm45"],
  [/^gpt-oss/, "openai", "openai_gptoss"],
  [/^kimi-k2-thinking/, "kimi_k2", "kimi_k2"],
  [/^kimi-k2/, "kimi_k2", null],
  [/^minimax-m2/, "minimax_m2", "minimax_m2"],
  [/^(?:meta-)?llama-3/, "llama3_json", null],
  [/^llama-4/, "llama4_pythonic", null],
  [/^(?:mistral|mixtral|ministral|devstral)/, "mistral", null],
  [/^hermes-/, "hermes", null],
  [/^granite-/, "granite", null],
];

/** The parsers for a model, told by the last part of its name or path. */
export function parsersFor(model: string): ModelParsers {
  const name = model.toLowerCase().replace(/\/+$/, "").split("/").at(-1)!;
  const [, toolCall = null, reasoning = null] = known.find(([pattern]) => pattern.test(name)) ?? [];
  return { toolCall, reasoning };
}
