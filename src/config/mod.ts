export { type KeyDescription, listKeys } from "./list-keys.ts";
export { loadConfig, type LoadedConfig } from "./load-config.ts";
export type { Origin, Provenance, SourceFile } from "./origin.ts";
export { type Config, configSchema } from "./schema/config.ts";
