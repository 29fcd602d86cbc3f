import { jsonFile } from "../routers/mod.ts";
import type { PlannedFile } from "../types.ts";

/** One engine configuration: what vLLM is to be started with, and how often. */
export interface RayEngine {
  /** vLLM's engine arguments in its own names: `tensor_parallel_size`, `max_model_len`, `kv_transfer_config` … */
  readonly engineArgs: Readonly<Record<string, unknown>>;
  /** Independent engines; of a data-parallel group each counts once, however many ranks it has. */
  readonly replicaCount: number;
  readonly env: Readonly<Record<string, string>>;
}

/** The same engine everywhere, or one for prefill and one for decode. */
export type RayEngines =
  | { readonly kind: "regular"; readonly engine: RayEngine }
  | { readonly kind: "disaggregated"; readonly prefill: RayEngine; readonly decode: RayEngine };

export interface RayAppOptions {
  /** Name that clients use in requests. */
  readonly modelName: string;
  /** Hub id, or a directory that every machine of the Ray cluster has. */
  readonly modelSource: string;
  readonly engines: RayEngines;
  /** Ray's name of the GPU, such as "H200"; null takes any. */
  readonly acceleratorType: string | null;
  readonly host: string;
  readonly port: number;
  /** Where the file goes in the output directory. */
  readonly path: string;
}

/** The configuration of a Ray Serve application, and the command that runs it on a Ray cluster until it is stopped. */
export interface RayApp {
  readonly file: PlannedFile;
  /** `serve run`; the file's path is relative to the output directory. */
  readonly argv: readonly string[];
  /** Engine arguments and variables that were left out, since Ray decides them. */
  readonly leftOut: readonly string[];
}

/** Ray places ranks and hands out their ports by itself: what says where a rank runs is not for us to say. */
const argsOfRay = new Set([
  "api_server_count",
  "data_parallel_address",
  "data_parallel_backend",
  "data_parallel_external_lb",
  "data_parallel_hybrid_lb",
  "data_parallel_rank",
  "data_parallel_rpc_port",
  "data_parallel_size_local",
  "data_parallel_start_rank",
  "distributed_executor_backend",
  "headless",
  "host",
  "master_addr",
  "master_port",
  "model",
  "nnodes",
  "node_rank",
  "port",
  "served_model_name",
]);

const variablesOfRay = new Set([
  "CUDA_VISIBLE_DEVICES",
  "VLLM_HOST_IP",
  "VLLM_NIXL_SIDE_CHANNEL_HOST",
  "VLLM_NIXL_SIDE_CHANNEL_PORT",
  "VLLM_PORT",
  "VLLM_RPC_BASE_PATH",
]);

/** `ray.serve.llm` with the builder that fits: plain, data-parallel, or prefill and decode apart. */
export function rayApp(options: RayAppOptions): RayApp {
  const { host, port, path, engines } = options;
  const { builder, args } = applicationOf(options);
  const config = {
    proxy_location: "EveryNode",
    http_options: { host, port },
    applications: [
      { name: "penstock", route_prefix: "/", import_path: `ray.serve.llm:${builder}`, args },
    ],
  };
  return {
    file: jsonFile(path, config),
    argv: ["serve", "run", path],
    leftOut: leftOutOf(engines),
  };
}

function applicationOf(options: RayAppOptions): { builder: string; args: object } {
  const { engines } = options;
  if (engines.kind === "disaggregated") {
    const { prefill, decode } = engines;
    return {
      builder: "build_pd_openai_app",
      args: {
        prefill_config: llmConfig(options, prefill),
        decode_config: llmConfig(options, decode),
      },
    };
  }
  const config = llmConfig(options, engines.engine);
  return isDataParallel(engines.engine)
    ? { builder: "build_dp_openai_app", args: { llm_config: config } }
    : { builder: "build_openai_app", args: { llm_configs: [config] } };
}

function isDataParallel({ engineArgs }: RayEngine): boolean {
  return Number(engineArgs["data_parallel_size"] ?? 1) > 1;
}

/** What Ray calls an LLMConfig. It knows no other keys and refuses them. */
function llmConfig(options: RayAppOptions, engine: RayEngine): object {
  const { modelName, modelSource, acceleratorType } = options;
  const env = without(engine.env, variablesOfRay);
  return {
    model_loading_config: { model_id: modelName, model_source: modelSource },
    ...(acceleratorType === null ? {} : { accelerator_type: acceleratorType }),
    engine_kwargs: engineKwargs(engine.engineArgs),
    deployment_config: { num_replicas: engine.replicaCount },
    ...(Object.keys(env).length === 0 ? {} : { runtime_env: { env_vars: env } }),
  };
}

function engineKwargs(engineArgs: Readonly<Record<string, unknown>>): object {
  const kwargs = without(engineArgs, argsOfRay);
  const transfer = kwargs["kv_transfer_config"];
  return transfer === undefined
    ? kwargs
    : { ...kwargs, kv_transfer_config: withoutEngineIds(transfer) };
}

/**
 * Ray makes an engine's id out of this one, its host and its port. A connector inside MultiConnector keeps the id it
 * has, and replicas with the same one take each other's blocks: so none is named here.
 */
function withoutEngineIds(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutEngineIds);
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).filter(([key]) => key !== "engine_id");
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutEngineIds(value)]));
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  keys: ReadonlySet<string>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key)));
}

function leftOutOf(engines: RayEngines): readonly string[] {
  const all = engines.kind === "regular" ? [engines.engine] : [engines.prefill, engines.decode];
  const names = all.flatMap(({ engineArgs, env }) => [
    ...Object.keys(engineArgs).filter((key) => argsOfRay.has(key)),
    ...Object.keys(env).filter((key) => variablesOfRay.has(key)),
  ]);
  return [...new Set(names)].toSorted();
}
