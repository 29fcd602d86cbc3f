export { configJsonSchema, type JsonSchema } from "./json-schema.ts";
export { type KeyDescription, listKeys } from "./list-keys.ts";
export { loadConfig, type LoadedConfig } from "./load-config.ts";
export { type ConfigNotice, formatNotice } from "./notice.ts";
export { describeOrigin, type Origin, type Provenance, type SourceFile } from "./origin.ts";
export { type Config, configSchema } from "./schema/config.ts";
export { type CommentOn, toToml } from "./to-toml.ts";
