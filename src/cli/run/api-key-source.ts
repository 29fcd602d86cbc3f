import type { ApiKeySource } from "../../router/mod.ts";

/** Ours goes first; vLLM's is the one that people have set already. */
const variables = ["PENSTOCK_API_KEY", "VLLM_API_KEY"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the router finds its keys: in the file, which goes first, or in the environment; undefined for none. */
export function apiKeySource(
  file: string | undefined,
  env: Environment = {},
): ApiKeySource | undefined {
  if (file !== undefined) return { file };
  const variable = apiKeyVariable(env);
  if (variable === undefined) return undefined;
  return { key: env[variable]!, from: `the environment variable "${variable}"` };
}

/** The variable of the environment that holds a key; undefined for none. */
export function apiKeyVariable(env: Environment): string | undefined {
  return variables.find((name) => (env[name] ?? "") !== "");
}
