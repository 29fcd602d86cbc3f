import { readFile } from "node:fs/promises";
import { type Config, loadConfig } from "../../config/mod.ts";

/** The configuration of these words, as `penstock serve` reads them. */
export async function configOf(...words: readonly string[]): Promise<Config> {
  return (await loadConfig(words, (path) => readFile(path, "utf8"))).config;
}

/** The configuration of a TOML text and of words that come after it. */
export async function configOfToml(toml: string, ...words: readonly string[]): Promise<Config> {
  return (await loadConfig(["@", "config.toml", ...words], () => Promise.resolve(toml))).config;
}
