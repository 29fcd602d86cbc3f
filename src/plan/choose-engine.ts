import type { Config } from "../config/mod.ts";
import type { Plan } from "./types.ts";

export interface EngineChoice {
  readonly engine: Plan["engine"];
  readonly notices: readonly string[];
}

/** The engine that the configuration names; `auto` takes vLLM where something is asked that only vLLM does. */
export function chooseEngine(config: Config): EngineChoice {
  if (config.engine !== "auto") return { engine: config.engine, notices: [] };
  const reason = reasonForVllm(config);
  if (reason !== undefined)
    return { engine: "vllm", notices: [`engine "auto" takes vLLM, which ${reason} asks for`] };
  const notice =
    'engine "auto" takes the embedded engine, which computes on the cores of this machine';
  return { engine: "embedded", notices: [notice] };
}

/** The first key that the embedded engine does not carry out. */
function reasonForVllm(config: Config): string | undefined {
  if (config.slurm !== null) return "[slurm]";
  if (config.pd_disagg !== null) return "[pd_disagg]";
  if (config.deployment.type !== "single_node")
    return `deployment.type "${config.deployment.type}"`;
  if (config.parallel.tp > 1) return "parallel.tp";
  if (config.enable_expert_parallel) return "enable_expert_parallel";
  if (config.kv_transfer !== null) return "[kv_transfer]";
  if (config.kv_cache_offload !== null) return "[kv_cache_offload]";
  if (config.enable_lora) return "enable_lora";
  if (config.enable_return_routed_experts) return "enable_return_routed_experts";
  if (Object.keys(config.vllm_extra).length > 0) return "vllm_extra";
  return undefined;
}
