import { isTable, parseJson } from "../base/mod.ts";
import type { RepoFile } from "./repo-file.ts";

/** How much of a model is wanted: what tells its shape, or all that the engine loads. */
export type ModelPart = "config" | "all";

export const indexFile = "model.safetensors.index.json";
export const singleFile = "model.safetensors";
export const configFile = "config.json";

const engineFiles = [
  configFile,
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "chat_template.json",
];
const shardsMax = 1_000;

/** What an engine cannot do without, apart from weights. */
export function requiredNames(part: ModelPart): readonly string[] {
  return part === "config" ? [configFile] : [configFile, "tokenizer.json", "tokenizer_config.json"];
}

/** Of a repository's files those that are small and wanted; what it does not have is left out. */
export function smallFilesOf(files: readonly RepoFile[], part: ModelPart): readonly RepoFile[] {
  const names = part === "config" ? [configFile, "generation_config.json"] : engineFiles;
  return files.filter(({ path }) => names.includes(path));
}

/**
 * The names of the files that hold the weights: one file, else the shards of the index; undefined where there are
 * none, or an index that names no files beside it.
 */
export function weightNames(
  hasSingle: boolean,
  indexText: string | undefined,
): readonly string[] | undefined {
  if (hasSingle) return [singleFile];
  const index = indexText === undefined ? undefined : parseJson(indexText);
  const map = isTable(index) ? index["weight_map"] : undefined;
  if (!isTable(map)) return undefined;
  const names = [...new Set(Object.values(map))];
  return names.length > 0 && names.length <= shardsMax && names.every(isShardName)
    ? names
    : undefined;
}

function isShardName(name: unknown): name is string {
  return typeof name === "string" && /^\w[\w.+=-]*\.safetensors$/.test(name);
}
