import type { Config } from "../../config/mod.ts";
import type { Inventory } from "../inventory.ts";
import { servedModelNames } from "../commands/embedded-engine.ts";
import { parsersFor } from "../commands/model-parsers.ts";
import {
  type KvEventsOptions,
  type VllmCommand,
  vllmServe,
  type VllmServeOptions,
} from "../vllm/mod.ts";
import { kvTransferOptions } from "./kv-transfer-options.ts";
import type { InstancePlace, RankPlace } from "./network.ts";
import type { PlanContext } from "./plan-context.ts";
import { roleSettings } from "./role-settings.ts";

/**
 * The `vllm serve` of one rank: one command and one HTTP endpoint a rank. Ranks of a group are told of each other,
 * all others are servers that know of nobody.
 *
 * @throws PenstockError VLLM_COMMAND_NOT_WRITABLE
 */
export function vllmCommand(
  instance: InstancePlace,
  place: RankPlace,
  context: PlanContext,
): VllmCommand {
  const { config, inventory } = context;
  const { vllmExtra } = roleSettings(config, instance.instance.role);
  return vllmServe({
    version: config.vllm.version ?? inventory.vllmVersion,
    command: [config.vllm.executable, "serve"],
    ...modelOptions(context),
    ...withoutNamed({ ...loadOptions(config), ...memoryOptions(config) }, vllmExtra),
    ...parallelOptions(instance, place, context),
    ...transferOptions(instance, place, context),
    ...trainingOptions(config),
    ...processOptions(instance, place, context),
    host: place.bindHost,
    port: place.httpPort,
    apiServerCount: config.api_server_count,
    vllmExtra,
  });
}

/**
 * The options but for those that `vllm_extra` names: a role may set apart there what all share, and its word stands.
 * The configuration refuses such names where no role is meant.
 */
function withoutNamed<Options extends object>(
  options: Options,
  vllmExtra: Config["vllm_extra"],
): Partial<Options> {
  const named = new Set(Object.keys(vllmExtra).map(camelCase));
  const kept = Object.entries(options).filter(([name]) => !named.has(name));
  return Object.fromEntries(kept) as Partial<Options>;
}

function camelCase(name: string): string {
  return name.replaceAll(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether the model has experts; where nobody knows, whether the configuration takes it for such a model. */
export function hasExperts(config: Config, inventory: Inventory): boolean {
  return inventory.isMoe ?? config.enable_expert_parallel;
}

function modelOptions({ config, inventory }: PlanContext) {
  return {
    model: inventory.modelDirectory,
    isMoe: hasExperts(config, inventory),
    servedModelNames: servedModelNames(config),
    seed: config.seed,
  } satisfies Partial<VllmServeOptions>;
}

function loadOptions({ model }: Config) {
  const parsers = parsersFor(model.name);
  return {
    dtype: model.dtype,
    maxModelLen: model.max_model_len,
    enforceEager: model.enforce_eager || null,
    trustRemoteCode: model.trust_remote_code || null,
    toolCallParser: model.tool_call_parser === "auto" ? parsers.toolCall : model.tool_call_parser,
    reasoningParser: model.reasoning_parser === "auto" ? parsers.reasoning : model.reasoning_parser,
    chatTemplate: model.chat_template,
  } satisfies Partial<VllmServeOptions>;
}

function memoryOptions(config: Config) {
  return {
    gpuMemoryUtilization: config.gpu_memory_utilization,
    kvCacheMemoryBytes: config.kv_cache_memory_bytes,
    kvCacheDtype: config.kv_cache_dtype,
    blockSize: config.block_size,
    enablePrefixCaching: config.enable_prefix_caching,
    maxNumSeqs: config.max_num_seqs,
    maxNumBatchedTokens: config.max_num_batched_tokens,
  } satisfies Partial<VllmServeOptions>;
}

function parallelOptions(
  { instance, meeting }: InstancePlace,
  { rank }: RankPlace,
  context: PlanContext,
) {
  const { config, inventory } = context;
  const isExpertParallel = config.enable_expert_parallel && hasExperts(config, inventory);
  const { address, rpcPort } = meeting ?? { address: "", rpcPort: 0 };
  return {
    tensorParallelSize: instance.tp,
    launch:
      meeting === null
        ? null
        : { pattern: "external", size: instance.ranks.length, rank: rank.index, address, rpcPort },
    enableExpertParallel: isExpertParallel,
    all2allBackend: isExpertParallel ? roleSettings(config, instance.role).all2allBackend : null,
    enableEplb: config.enable_eplb && isExpertParallel,
    eplbConfig: config.enable_eplb && isExpertParallel ? config.eplb_config : null,
    enableDbo: config.enable_dbo,
  } satisfies Partial<VllmServeOptions>;
}

function transferOptions({ instance }: InstancePlace, place: RankPlace, { config }: PlanContext) {
  return {
    kvTransfer: kvTransferOptions(config, instance, place),
    kvCacheOffload: nativeOffload(config, instance.ranks.length) ?? null,
    kvEvents: kvEvents(config, place),
  } satisfies Partial<VllmServeOptions>;
}

/** The topic names the rank by the address that the router knows it by. */
function kvEvents(
  config: Config,
  { host, httpPort, eventsPort, dataParallelIndex }: RankPlace,
): KvEventsOptions | null {
  if (eventsPort === null) return null;
  const topic = `kv@${host}:${httpPort}@${servedModelNames(config)[0]!}`;
  return { port: eventsPort - dataParallelIndex, topic };
}

/** The configuration counts the memory of an instance; each of its ranks is a process with a share of its own. */
function nativeOffload(config: Config, rankCount: number): VllmServeOptions["kvCacheOffload"] {
  const { kv_cache_offload } = config;
  if (kv_cache_offload?.type !== "native" || kv_cache_offload.cpu === null) return null;
  return {
    cpuBytes: Math.floor(kv_cache_offload.cpu.num_bytes / rankCount),
    diskPath: kv_cache_offload.disk?.path ?? null,
  };
}

function trainingOptions(config: Config) {
  const isNccl = config.weight_broadcast.type === "nccl";
  return {
    enableReturnRoutedExperts: config.enable_return_routed_experts,
    weightTransferBackend: isNccl ? "nccl" : null,
    serverDevMode: isNccl,
    lora: config.enable_lora
      ? {
          maxLoraRank: config.max_lora_rank,
          maxLoras: config.max_loras,
          maxCpuLoras: config.max_cpu_loras,
          targetModules: config.lora_target_modules ?? [],
          allowRuntimeUpdating: true,
        }
      : null,
  } satisfies Partial<VllmServeOptions>;
}

function processOptions(
  { instance }: InstancePlace,
  { rank, host }: RankPlace,
  context: PlanContext,
) {
  const { config } = context;
  return {
    nodeAddress: config.slurm === null ? null : host,
    rpcBasePath: socketDirectory(rank.id, context),
    engineReadyTimeoutSeconds: context.startTimeoutMs / 1000,
    isBehindGuard: config.router.type === "penstock",
    loggingLevel: config.log.level.toUpperCase(),
    envVars: roleSettings(config, instance.role).envVars,
  } satisfies Partial<VllmServeOptions>;
}

/** Where a rank's Unix sockets are; short, since their paths have 107 bytes at most. */
export function socketDirectory(rankId: string, { deploymentKey }: PlanContext): string {
  return `/tmp/penstock-${deploymentKey}/${rankId}`;
}
