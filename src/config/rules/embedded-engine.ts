import type { Config } from "../schema/config.ts";
import { mistake, remark, type RuleFinding } from "./finding.ts";

/** The embedded engine computes on one machine's cores: some of vLLM's abilities it does not have. */
export function embeddedEngine(config: Config): readonly RuleFinding[] {
  if (config.engine !== "embedded") return [];
  const findings: RuleFinding[] = [];
  for (const [path, tp] of tensorParallelSizes(config)) {
    if (tp === null || tp === 1) continue;
    const message =
      "Expected 1: the embedded engine has no tensor parallelism, use parallel.dp for more ranks";
    findings.push(mistake(message, path));
  }
  if (config.model.dtype === "float16") {
    const message = 'Expected "auto", "float32" or "bfloat16" with the embedded engine';
    findings.push(mistake(message, "model.dtype"));
  }
  if (config.kv_cache_offload !== null) {
    const message = "Expected none with the embedded engine, whose blocks are in the CPU's memory";
    findings.push(mistake(message, "kv_cache_offload"));
  }
  return [...findings, ...withoutEffect(config)];
}

/** What changes nothing here. */
function withoutEffect(config: Config): readonly RuleFinding[] {
  const { enable_lora, enable_return_routed_experts, enable_expert_parallel } = config;
  const used = {
    enable_lora,
    // Over several nodes it makes them one instance.
    enable_expert_parallel: enable_expert_parallel && config.deployment.type !== "multi_node",
    enable_return_routed_experts,
    vllm_extra: Object.keys(config.vllm_extra).length > 0,
  };
  return Object.entries(used).flatMap(([path, isUsed]) =>
    isUsed ? [remark("has no effect with the embedded engine", path)] : [],
  );
}

function tensorParallelSizes(config: Config): readonly (readonly [string, number | null])[] {
  const { parallel, deployment, pd_disagg } = config;
  const sizes: (readonly [string, number | null])[] = [["parallel.tp", parallel.tp]];
  if (deployment.type === "disaggregated")
    sizes.push(
      ["deployment.prefill_tp", deployment.prefill_tp],
      ["deployment.decode_tp", deployment.decode_tp],
    );
  if (pd_disagg !== null)
    sizes.push(
      ["pd_disagg.prefill_tp", pd_disagg.prefill_tp],
      ["pd_disagg.decode_tp", pd_disagg.decode_tp],
    );
  return sizes;
}
