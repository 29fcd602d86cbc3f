import type { ApiKeySource } from "../../router/mod.ts";

const variable = "PENSTOCK_API_KEY";

/** Where the router finds its keys: in the file, which goes first, or in the environment; undefined for none. */
export function apiKeySource(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> | undefined,
): ApiKeySource | undefined {
  if (file !== undefined) return { file };
  const key = env?.[variable] ?? "";
  return key === "" ? undefined : { key, from: `the environment variable "${variable}"` };
}
