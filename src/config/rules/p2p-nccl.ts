import type { Config } from "../schema/config.ts";
import { isAtLeast } from "./vllm-version.ts";
import { adjust, mistake, remark, type RuleFinding } from "./finding.ts";

/** P2pNcclConnector joins two instances on one node, and vLLM 0.24 dropped it. */
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
  const dropped = "vLLM dropped P2pNcclConnector in 0.24";
  const { version } = config.vllm;
  if (version === null)
    return [remark(`${dropped}: an older one must be found, or vllm.version named`, path)];
  if (!isAtLeast(version, "0.24")) return [];
  return [mistake(`Expected another connector such as "NixlConnector": ${dropped}`, path)];
}

const expected = 'Expected another connector such as "NixlConnector": P2pNcclConnector joins';

function pair(config: Config, path: string): readonly RuleFinding[] {
  const { pd_disagg, deployment } = config;
  if (deployment.type !== "single_node")
    return [mistake(`${expected} instances of one node only`, path, "deployment.type")];
  return pd_disagg === null ? oneOfPair(config, path) : workers(config, pd_disagg, path);
}

function workers(
  { parallel }: Config,
  roles: NonNullable<Config["pd_disagg"]>,
  path: string,
): readonly RuleFinding[] {
  const prefill = roles.prefill_gpu_ids.length / (roles.prefill_tp ?? parallel.tp);
  const decode = roles.decode_gpu_ids.length / (roles.decode_tp ?? parallel.tp);
  if (prefill === 1 && decode === 1) return [];
  return [mistake(`${expected} one prefill and one decode worker only`, path)];
}

/** A deployment that is itself one of the two instances. */
function oneOfPair({ kv_transfer, parallel }: Config, path: string): readonly RuleFinding[] {
  const findings: RuleFinding[] = [];
  const { kv_parallel_size = null, kv_rank = null } = kv_transfer ?? {};
  if (kv_parallel_size !== null && kv_parallel_size !== 2)
    findings.push(mistake("Expected 2 with P2pNcclConnector", "kv_transfer.kv_parallel_size"));
  if (kv_parallel_size === null) {
    const message = "set to 2, as P2pNcclConnector joins two instances";
    findings.push(adjust("kv_transfer.kv_parallel_size", 2, { message, causes: [path] }));
  }
  if (kv_rank !== null && kv_rank > 1)
    findings.push(
      mistake("Expected 0, which prefills, or 1, which decodes", "kv_transfer.kv_rank"),
    );
  if (parallel.dp > 1)
    findings.push(
      mistake("Expected 1 with P2pNcclConnector: each rank is an instance", "parallel.dp", path),
    );
  return findings;
}
