import type { Config } from "../schema/config.ts";
import type { BrokenRule } from "./rules.ts";

/** Says what this version can start, before anybody waits for it. */
export function vllmEngine(config: Config): readonly BrokenRule[] {
  if (config.engine !== "vllm") return [];
  const message = 'Expected "auto" or "embedded": this version of Penstock does not start vLLM';
  return [{ paths: ["engine"], message }];
}
