import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

const names = [
  "proxy_port",
  "prefill_port",
  "decode_port",
  "prefill_kv_port",
  "decode_kv_port",
] as const;

/** Without auto_ports every port is named; no two are the same, or lie among those that follow another. */
export function pdDisaggPorts(config: Config): readonly RuleFinding[] {
  const { pd_disagg } = config;
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
  if (isShort) return [mistake(message, "pd_disagg.auto_ports"), ...twins];
  return pd_disagg.auto_ports || twins.length > 0 ? twins : overlaps(config, pd_disagg);
}

/** Fixed ports stay where they are, so that a worker's may not be one that another purpose begins with. */
function overlaps(config: Config, pools: NonNullable<Config["pd_disagg"]>): readonly RuleFinding[] {
  return names.flatMap((name) =>
    names.flatMap((other) => {
      const [port, first] = [pools[name], pools[other]];
      if (port === null || first === null || port <= first) return [];
      const last = first + portCount(config, pools, other) - 1;
      if (port > last) return [];
      const message = `Expected a port outside ${first} to ${last}, which the workers of pd_disagg.${other} take`;
      return [mistake(message, `pd_disagg.${name}`)];
    }),
  );
}

/** Ports from the named one on: one a worker. */
function portCount(
  { parallel }: Config,
  pools: NonNullable<Config["pd_disagg"]>,
  name: (typeof names)[number],
): number {
  if (name === "proxy_port") return 1;
  const role = name.startsWith("prefill") ? "prefill" : "decode";
  return Math.floor(pools[`${role}_gpu_ids`].length / (pools[`${role}_tp`] ?? parallel.tp));
}
