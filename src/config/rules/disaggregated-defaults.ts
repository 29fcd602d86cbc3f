import type { Config } from "../schema/config.ts";
import { adjust, type IsSet, type RuleFinding } from "./finding.ts";
import { ranksThatFit } from "./ranks-that-fit.ts";

const causes = ["deployment.type"];

type Disaggregated = Extract<Config["deployment"], { type: "disaggregated" }>;

/** What suits prefill and decode on nodes of their own, where nothing else was said. */
export function disaggregatedDefaults(config: Config, isSet: IsSet): readonly RuleFinding[] {
  const { deployment } = config;
  if (deployment.type !== "disaggregated") return [];
  const ranks = [
    ...ranksOf("prefill", { config, deployment, isSet }),
    ...ranksOf("decode", { config, deployment, isSet }),
  ];
  return config.engine === "embedded"
    ? ranks
    : [...expertParallel(config, isSet), ...backends(config, deployment, isSet), ...ranks];
}

function expertParallel(config: Config, isSet: IsSet): readonly RuleFinding[] {
  if (config.enable_expert_parallel || isSet("enable_expert_parallel")) return [];
  const message = "set to true, as the deployment is disaggregated; dense models go without";
  return [adjust("enable_expert_parallel", true, { message, causes })];
}

function backends(config: Config, deployment: Disaggregated, isSet: IsSet): readonly RuleFinding[] {
  const isOff = !config.enable_expert_parallel && isSet("enable_expert_parallel");
  if (isOff || isSet("all2all_backend")) return [];
  const preferred = [
    ["prefill", "deepep_high_throughput"],
    ["decode", "deepep_low_latency"],
  ] as const;
  return preferred.flatMap(([role, backend]) => {
    if (deployment[`${role}_all2all_backend`] !== null) return [];
    const message = `set to "${backend}", which suits ${role}`;
    return [adjust(`deployment.${role}_all2all_backend`, backend, { message, causes })];
  });
}

function ranksOf(
  role: "prefill" | "decode",
  {
    config,
    deployment,
    isSet,
  }: { readonly config: Config; readonly deployment: Disaggregated; readonly isSet: IsSet },
): readonly RuleFinding[] {
  const { parallel } = config;
  if (deployment[`${role}_dp`] !== null) return [];
  const path = `deployment.${role}_dp`;
  if (isSet("parallel.dp"))
    return [
      adjust(path, parallel.dp, { message: "taken from parallel.dp", causes: ["parallel.dp"] }),
    ];
  const tp = deployment[`${role}_tp`] ?? parallel.tp;
  const nodes = deployment[`num_${role}_nodes`];
  const { dp, message } = ranksThatFit(config, { tp, nodes });
  return [adjust(path, dp, { message, causes })];
}
