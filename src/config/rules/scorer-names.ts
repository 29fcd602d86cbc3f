import { nearestWord } from "../../base/mod.ts";
import { dotted } from "../dotted-path.ts";
import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Scorers of llm-d's endpoint picker. */
const scorers = [
  "active-request-scorer",
  "context-length-aware",
  "kv-cache-utilization-scorer",
  "latency-scorer",
  "load-aware-scorer",
  "lora-affinity-scorer",
  "no-hit-lru-scorer",
  "precise-prefix-cache-scorer",
  "prefix-cache-scorer",
  "queue-scorer",
  "running-requests-size-scorer",
  "session-affinity-scorer",
  "token-load-scorer",
];

/** llm-d refuses to start with a scorer that it does not know. */
export function scorerNames({ router }: Config): readonly RuleFinding[] {
  if (router.type !== "llm-d") return [];
  const tables = ["scorers", "prefill_scorer_overrides", "decode_scorer_overrides"] as const;
  return tables.flatMap((table) =>
    Object.keys(router[table])
      .filter((name) => !scorers.includes(name))
      .map((name) => {
        const nearest = nearestWord(name, scorers);
        const suggestion = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
        const message = `Expected a scorer of llm-d${suggestion}`;
        return mistake(message, dotted(["router", table, name]));
      }),
  );
}
