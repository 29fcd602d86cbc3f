import type { Config } from "../schema/config.ts";
import type { RuleFinding } from "./rules.ts";

/** The embedded engine computes on one machine's cores: it has no tensor parallelism to offer. */
export function embeddedEngine(config: Config): readonly RuleFinding[] {
  if (config.engine !== "embedded" || config.parallel.tp === 1) return [];
  const message =
    "Expected 1: the embedded engine has no tensor parallelism, use parallel.dp for more ranks";
  return [{ paths: ["parallel.tp"], message }];
}
