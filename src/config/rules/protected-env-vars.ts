import { dotted } from "../dotted-path.ts";
import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Variables that the plan sets for each process by itself; another value would break what depends on them. */
const names = new Set([
  "CUDA_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "MASTER_ADDR",
  "MASTER_PORT",
  "RANK",
  "LOCAL_RANK",
  "WORLD_SIZE",
  "MOONCAKE_CONFIG_PATH",
  "VLLM_HOST_IP",
  "VLLM_PORT",
  "VLLM_RPC_BASE_PATH",
  "VLLM_NIXL_SIDE_CHANNEL_HOST",
  "VLLM_NIXL_SIDE_CHANNEL_PORT",
  "VLLM_MOONCAKE_BOOTSTRAP_PORT",
  "VLLM_P2P_SIDE_CHANNEL_HOST",
  "VLLM_P2P_SIDE_CHANNEL_PORT",
]);
const prefixes = ["PENSTOCK_", "SLURM_", "VLLM_DP_"];

/** Environment variables that belong to Penstock or Slurm. */
export function protectedEnvVars(config: Config): readonly RuleFinding[] {
  return tables(config).flatMap(([path, variables]) =>
    Object.keys(variables)
      .filter((name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix)))
      .map((name) => {
        const message = "Expected another variable: this one is set for each process by the plan";
        return mistake(message, dotted([...path, name]));
      }),
  );
}

type Table = readonly [path: readonly string[], variables: Readonly<Record<string, string>>];

function tables({ env_vars, deployment, pd_disagg }: Config): readonly Table[] {
  const found: Table[] = [[["env_vars"], env_vars]];
  if (deployment.type === "disaggregated")
    found.push(
      [["deployment", "prefill_env_vars"], deployment.prefill_env_vars],
      [["deployment", "decode_env_vars"], deployment.decode_env_vars],
    );
  if (pd_disagg !== null)
    found.push(
      [["pd_disagg", "prefill_env_vars"], pd_disagg.prefill_env_vars],
      [["pd_disagg", "decode_env_vars"], pd_disagg.decode_env_vars],
    );
  return found;
}
