import type { Config } from "../schema/config.ts";
import { isAtLeast } from "./vllm-version.ts";
import { mistake, remark, type RuleFinding } from "./finding.ts";

/** P2pNcclConnector joins two instances on one node, and vLLM 0.23 dropped it. */
export function p2pNccl(config: Config): readonly RuleFinding[] {
  if (config.engine === "embedded") return [];
  const path = usedAt(config);
  if (path === undefined) return [];
  return [...version(config, path), ...pair(config, path)];
}

function usedAt({ pd_disagg, kv_transfer }: Config): string | undefined {
  const name = "P2pNcclConnector";
  if (pd_disagg?.kv_connector === name) return "pd_disagg.kv_connector";
  return kv_transfer?.kv_connector === name ? "kv_transfer.kv_connector" : undefined;
}

function version(config: Config, path: string): readonly RuleFinding[] {
  const dropped = "vLLM dropped P2pNcclConnector in 0.23";
  const { version } = config.vllm;
  if (version === null)
    return [remark(`${dropped}: an older one must be found, or vllm.version named`, path)];
  if (!isAtLeast(version, "0.23")) return [];
  return [mistake(`Expected another connector such as "NixlConnector": ${dropped}`, path)];
}

function pair(config: Config, path: string): readonly RuleFinding[] {
  const { pd_disagg, kv_transfer, deployment } = config;
  const expected = 'Expected another connector such as "NixlConnector": P2pNcclConnector joins';
  if (deployment.type === "disaggregated")
    return [mistake(`${expected} instances of one node only`, path, "deployment.type")];
  if (pd_disagg !== null) {
    const prefill = pd_disagg.prefill_gpu_ids.length / (pd_disagg.prefill_tp ?? config.parallel.tp);
    const decode = pd_disagg.decode_gpu_ids.length / (pd_disagg.decode_tp ?? config.parallel.tp);
    const isPair = prefill === 1 && decode === 1;
    return isPair ? [] : [mistake(`${expected} one prefill and one decode worker only`, path)];
  }
  const size = kv_transfer?.kv_parallel_size ?? null;
  if (size === null || size === 2) return [];
  return [mistake("Expected 2 with P2pNcclConnector", "kv_transfer.kv_parallel_size", path)];
}
