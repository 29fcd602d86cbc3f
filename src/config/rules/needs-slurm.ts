import type { Config } from "../schema/config.ts";
import { mistake, remark, type RuleFinding } from "./finding.ts";

/** Processes on several nodes, and a store shared by them, are started by Slurm. */
export function needsSlurm(config: Config): readonly RuleFinding[] {
  if (config.slurm !== null) return [];
  const findings: RuleFinding[] = [];
  if (config.kv_cache_offload?.type === "mooncake") {
    const message = 'Expected "native" without [slurm], which starts the store\'s processes';
    findings.push(mistake(message, "kv_cache_offload.type", "kv_cache_offload"));
  }
  const { type, num_replicas } = config.deployment;
  const needsNodes = type !== "single_node" || num_replicas > 1;
  if (!needsNodes || config.engine === "embedded") return findings;
  const path = type === "single_node" ? "deployment.num_replicas" : "deployment.type";
  const nodes = "rl.num_infer_nodes";
  const message = "these are several nodes, for which vLLM needs [slurm]";
  const other = 'engine = "embedded" runs them without it, on this machine';
  if (config.engine === "vllm")
    findings.push(
      config.launch === "local"
        ? mistake(`Expected "slurm", or engine = "embedded": ${message}`, "launch")
        : mistake(`Expected one node: ${message}; ${other}`, path, nodes),
    );
  else findings.push(remark(`${message}; ${other}`, path, nodes));
  return findings;
}
