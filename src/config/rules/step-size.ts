import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Every request of a step computes at least one token. */
export function stepSize(config: Config): readonly RuleFinding[] {
  const { max_num_batched_tokens, max_num_seqs } = config;
  if (max_num_batched_tokens === null || max_num_seqs === null) return [];
  if (max_num_batched_tokens >= max_num_seqs) return [];
  const message = `Expected at least max_num_seqs = ${max_num_seqs}: each request of a step has a token`;
  return [mistake(message, "max_num_batched_tokens", "max_num_seqs")];
}
