import { vllmHas } from "./facts.ts";
import { connectorsOf } from "./kv-connectors.ts";
import type { KvTransferOptions } from "./kv-transfer.ts";
import type { VllmServeOptions } from "./options.ts";
import type { VllmMistake } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** Variables that a user may not set, and why. */
export const protectedEnvVars: Readonly<Record<string, string>> = {
  CUDA_VISIBLE_DEVICES: "the plan gives every process its GPUs",
  HIP_VISIBLE_DEVICES: "the plan gives every process its GPUs",
  ROCR_VISIBLE_DEVICES: "the plan gives every process its GPUs",
  VLLM_HOST_IP: "every node has its own address, which the launcher fills in",
  VLLM_PORT: "vLLM counts up from it, into ports of other processes",
  VLLM_RPC_BASE_PATH: "two processes with one directory take each other's sockets",
  VLLM_NIXL_SIDE_CHANNEL_HOST: "other nodes are told this address, so it differs on every node",
  VLLM_NIXL_SIDE_CHANNEL_PORT: "the plan keeps these ports apart",
  VLLM_MOONCAKE_BOOTSTRAP_PORT: "the plan keeps these ports apart",
  VLLM_P2P_SIDE_CHANNEL_HOST: "other nodes are told this address, so it differs on every node",
  VLLM_P2P_SIDE_CHANNEL_PORT: "the plan keeps these ports apart",
  MOONCAKE_CONFIG_PATH: "the plan writes the file that it names",
  VLLM_DP_RANK: "the command line says which rank this is",
  VLLM_DP_RANK_LOCAL: "the command line says which rank this is",
  VLLM_DP_SIZE: "the command line says how many ranks there are",
  VLLM_DP_MASTER_IP: "the command line says where the ranks meet",
  VLLM_DP_MASTER_PORT: "the command line says where the ranks meet",
  RANK: "vLLM numbers its workers itself",
  LOCAL_RANK: "vLLM numbers its workers itself",
  WORLD_SIZE: "vLLM numbers its workers itself",
  MASTER_ADDR: "vLLM lets its workers meet by itself",
  MASTER_PORT: "vLLM lets its workers meet by itself",
};

const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variables of one command, sorted by name; the user's stand above ours. */
export function environmentOf(
  options: VllmServeOptions,
  version: VllmVersion,
  rankOffset: number,
): Readonly<Record<string, string>> {
  const entries = Object.entries({
    VLLM_HOST_IP: options.nodeAddress,
    VLLM_RPC_BASE_PATH: options.rpcBasePath,
    VLLM_ENGINE_READY_TIMEOUT_S: options.engineReadyTimeoutSeconds,
    VLLM_LOGGING_LEVEL: options.loggingLevel,
    VLLM_API_KEY: options.isBehindGuard === true ? "" : null,
    VLLM_SERVER_DEV_MODE: options.serverDevMode === true ? 1 : null,
    VLLM_ALLOW_RUNTIME_LORA_UPDATING: options.lora?.allowRuntimeUpdating === true ? 1 : null,
    ...(options.kvTransfer ? transferVariables(options.kvTransfer, version, rankOffset) : {}),
    ...options.envVars,
  });
  return Object.fromEntries(
    entries
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]): [string, string] => [name, String(value)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What is wrong with the user's variables. */
export function environmentMistakes(options: VllmServeOptions): readonly VllmMistake[] {
  return Object.entries(options.envVars ?? {}).flatMap(([name, value]) => {
    const message = variableMistake(name, value, options);
    return message === undefined ? [] : [{ option: `envVars.${name}`, message }];
  });
}

function variableMistake(
  name: string,
  value: string,
  options: VllmServeOptions,
): string | undefined {
  const reason = Object.hasOwn(protectedEnvVars, name) ? protectedEnvVars[name] : undefined;
  if (reason !== undefined) return `Expected no value for "${name}": ${reason}`;
  if (!nameForm.test(name)) return "Expected a name of letters, digits and underscores";
  if (value.includes("\0")) return "Expected a text without the character NUL";
  const isMoving = name === "PYTORCH_CUDA_ALLOC_CONF" && value.includes("expandable_segments:True");
  if (isMoving && (options.kvTransfer || options.kvCacheOffload))
    return 'Expected "expandable_segments:False": KV connectors cannot register memory that moves';
  return undefined;
}

function transferVariables(
  transfer: KvTransferOptions,
  version: VllmVersion,
  rankOffset: number,
): Readonly<Record<string, string | number | null | undefined>> {
  const { sideChannel, leaseSeconds } = transfer;
  return {
    VLLM_NIXL_SIDE_CHANNEL_HOST: sideChannel?.host,
    VLLM_NIXL_SIDE_CHANNEL_PORT: sideChannel ? sideChannel.port + rankOffset : null,
    VLLM_NIXL_ABORT_REQUEST_TIMEOUT:
      uses(transfer, "Nixl") && vllmHas(version, "nixlAbortTimeout") ? leaseSeconds : null,
    VLLM_MOONCAKE_BOOTSTRAP_PORT: transfer.mooncakeBootstrapPort,
    VLLM_MOONCAKE_ABORT_REQUEST_TIMEOUT: uses(transfer, "MooncakeConnector") ? leaseSeconds : null,
    MOONCAKE_CONFIG_PATH: transfer.mooncakeConfigPath,
    // LMCache names blocks by Python's own hash, which only this makes the same in two processes.
    PYTHONHASHSEED: uses(transfer, "LMCache") ? 0 : null,
  };
}

function uses(transfer: KvTransferOptions | null | undefined, prefix: string): boolean {
  if (!transfer) return false;
  return connectorsOf(transfer.config).some((one) => one.kv_connector.startsWith(prefix));
}
