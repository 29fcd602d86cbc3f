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
  const missing = names.filter((name) => pd_disagg[name] === null);
  const isShort = !pd_disagg.auto_ports && missing.length > 0;
  const message = `Expected true, or a port for each of ${missing.join(", ")}`;
  const twins = names.flatMap((name, index) => {
    const port = pd_disagg[name];
    const twin = names.slice(0, index).find((other) => pd_disagg[other] === port);
    if (port === null || twin === undefined) return [];
    return [mistake(`Expected another port than pd_disagg.${twin} = ${port}`, `pd_disagg.${name}`)];
  });
  return isShort ? [mistake(message, "pd_disagg.auto_ports"), ...twins] : twins;
}
