import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Over NCCL, prefill and decode ranks receive the trainer's weights as one group of equal members. */
export function weightBroadcast(config: Config): readonly RuleFinding[] {
  const sizes = roleSizes(config);
  if (config.weight_broadcast.type !== "nccl" || sizes === undefined) return [];
  const findings: RuleFinding[] = [];
  const where = 'with weight_broadcast.type = "nccl" where prefill and decode are apart';
  const { max_async_level } = config.rl;
  if (max_async_level !== null && max_async_level !== 1)
    findings.push(mistake(`Expected 1 ${where}`, "rl.max_async_level"));
  if (config.enable_lora) findings.push(mistake(`Expected false ${where}`, "enable_lora"));
  const { section, prefill, decode } = sizes;
  if (prefill !== decode) {
    const message = `Expected the same TP for both roles ${where}: prefill has ${prefill}, decode ${decode}`;
    findings.push(mistake(message, `${section}.prefill_tp`, `${section}.decode_tp`));
  }
  return findings;
}

function roleSizes({
  pd_disagg,
  deployment,
  parallel,
}: Config):
  | { readonly section: string; readonly prefill: number; readonly decode: number }
  | undefined {
  const isDisaggregated = deployment.type === "disaggregated";
  const roles = pd_disagg ?? (isDisaggregated ? deployment : undefined);
  if (roles === undefined) return undefined;
  return {
    section: pd_disagg === null ? "deployment" : "pd_disagg",
    prefill: roles.prefill_tp ?? parallel.tp,
    decode: roles.decode_tp ?? parallel.tp,
  };
}
