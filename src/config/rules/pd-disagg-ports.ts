import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

const names = [
  "proxy_port",
  "prefill_port",
  "decode_port",
  "prefill_kv_port",
  "decode_kv_port",
] as const;

/** Without auto_ports every port is named, and none is named twice. */
export function pdDisaggPorts({ pd_disagg }: Config): readonly RuleFinding[] {
  if (pd_disagg === null) return [];
  const findings: RuleFinding[] = [];
  for (const [index, name] of names.entries()) {
    const port = pd_disagg[name];
    const path = `pd_disagg.${name}`;
    if (port === null && !pd_disagg.auto_ports)
      findings.push(mistake("Expected a port, as pd_disagg.auto_ports is false", path));
    const twin = names.slice(0, index).find((other) => port !== null && pd_disagg[other] === port);
    if (twin !== undefined)
      findings.push(mistake(`Expected another port than pd_disagg.${twin} = ${port}`, path));
  }
  return findings;
}
