import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

type PdDisagg = NonNullable<Config["pd_disagg"]>;

/** GPU ids of the two roles: each once, in groups of the role's TP, all on the machine. */
export function pdDisaggGpus(config: Config): readonly RuleFinding[] {
  const { pd_disagg } = config;
  if (pd_disagg === null) return [];
  const roles = (["prefill", "decode"] as const).flatMap((role) =>
    checkRole(role, pd_disagg, config),
  );
  const { prefill_gpu_ids, decode_gpu_ids } = pd_disagg;
  const shared = [...new Set(decode_gpu_ids)].filter((id) => prefill_gpu_ids.includes(id));
  if (shared.length === 0) return roles;
  const message = `Expected GPUs that prefill does not have: ${shared.join(", ")} would do both`;
  return [...roles, mistake(message, "pd_disagg.decode_gpu_ids", "pd_disagg.prefill_gpu_ids")];
}

function checkRole(
  role: "prefill" | "decode",
  pdDisagg: PdDisagg,
  config: Config,
): readonly RuleFinding[] {
  const path = `pd_disagg.${role}_gpu_ids`;
  const ids = pdDisagg[`${role}_gpu_ids`];
  const tp = pdDisagg[`${role}_tp`] ?? config.parallel.tp;
  const findings: RuleFinding[] = [];
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (repeated.length > 0)
    findings.push(mistake(`Expected each GPU once: ${repeated.join(", ")} is repeated`, path));
  if (ids.length % tp !== 0) {
    const message = `Expected ${path} to hold a multiple of ${tp} GPUs, as many as each worker takes, found ${ids.length}`;
    findings.push(mistake(message, path, `pd_disagg.${role}_tp`, "parallel.tp"));
  }
  const { deployment } = config;
  const gpus = deployment.type === "single_node" ? deployment.gpus_per_node : null;
  const missing = gpus === null ? [] : ids.filter((id) => id >= gpus);
  if (missing.length > 0) {
    const message = `Expected numbers below deployment.gpus_per_node = ${gpus}: there is no GPU ${missing.join(", ")}`;
    findings.push(mistake(message, path));
  }
  return findings;
}
