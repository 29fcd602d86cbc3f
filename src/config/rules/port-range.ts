import { rankPortOffset } from "../schema/server.ts";
import type { Config } from "../schema/config.ts";
import type { RuleFinding } from "./rules.ts";

/** Each rank has a port of its own above the router's; the last one must exist. */
export function portRange(config: Config): readonly RuleFinding[] {
  const { dp } = config.parallel;
  const portLast = config.server.port + rankPortOffset + dp - 1;
  if (portLast <= 65_535) return [];
  const portMax = 65_535 - rankPortOffset - dp + 1;
  const message = `Expected a port up to ${portMax}: rank ${dp - 1} would listen on port ${portLast}`;
  return [{ paths: ["server.port", "parallel.dp"], message }];
}
