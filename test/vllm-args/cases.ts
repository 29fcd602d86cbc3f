import type { VllmServeOptions } from "../../src/plan/vllm/mod.ts";

type CaseOptions = Omit<VllmServeOptions, "version">;

const dense: CaseOptions = { model: "Qwen/Qwen3-0.6B", isMoe: false, port: 8000 };
const moe: CaseOptions = { model: "PrimeIntellect/INTELLECT-3", isMoe: true, port: 8100 };
const meeting = { address: "{node:0}", rpcPort: 29_550 };
const nixl = {
  config: { kv_connector: "NixlConnector", kv_role: "kv_both", engine_id: "prefill-0" },
  sideChannel: { host: "{node:0}", port: 5600 },
  leaseSeconds: 300,
} as const;

/** One command for every launch pattern and every gate; each stands in the golden files of all releases it is for. */
export const vllmCases: Readonly<Record<string, CaseOptions>> = {
  "nothing but a model": dense,
  "every setting of the model and the server": {
    ...dense,
    servedModelNames: ["qwen", "Qwen/Qwen3-0.6B"],
    host: "0.0.0.0",
    dtype: "bfloat16",
    quantization: "fp8",
    maxModelLen: 2048,
    enforceEager: true,
    trustRemoteCode: true,
    seed: 7,
    toolCallParser: "hermes",
    reasoningParser: "qwen3",
    apiServerCount: 2,
    gpuMemoryUtilization: 0.5,
    kvCacheDtype: "fp8",
    kvCacheMemoryBytes: 2_000_000_000,
    blockSize: 32,
    enablePrefixCaching: false,
    maxNumSeqs: 256,
    maxNumBatchedTokens: 8192,
    enableScaleOut: false,
    nodeAddress: "{node:0}",
    rpcBasePath: "/tmp/rank-0",
    engineReadyTimeoutSeconds: 4200,
    loggingLevel: "INFO",
  },
  "one node, ranks behind one endpoint": {
    ...moe,
    tensorParallelSize: 2,
    launch: { pattern: "internal", size: 4 },
    enableExpertParallel: true,
  },
  "two nodes behind the endpoint of the first, first node": {
    ...moe,
    launch: { pattern: "internal-nodes", size: 4, sizeLocal: 2, startRank: 0, ...meeting },
  },
  "two nodes behind the endpoint of the first, second node": {
    ...moe,
    launch: { pattern: "internal-nodes", size: 4, sizeLocal: 2, startRank: 2, ...meeting },
  },
  "an endpoint for every node, second node": {
    ...moe,
    launch: { pattern: "hybrid", size: 8, sizeLocal: 4, startRank: 4, ...meeting },
  },
  "an endpoint for every rank": {
    ...moe,
    tensorParallelSize: 2,
    launch: { pattern: "external", size: 8, rank: 5, ...meeting },
    enableExpertParallel: true,
    nodeAddress: "{node:1}",
    rpcBasePath: "/tmp/rank-5",
  },
  "a rank of a dense model, a server of its own": {
    ...dense,
    launch: { pattern: "external", size: 4, rank: 2, ...meeting },
    kvTransfer: nixl,
    kvEvents: { port: 5557 },
  },
  "experts with load balancing and dual batch overlap": {
    ...moe,
    tensorParallelSize: 8,
    enableExpertParallel: true,
    all2allBackend: "deepep_low_latency",
    enableEplb: true,
    eplbConfig: {
      window_size: 1000,
      step_interval: 3000,
      num_redundant_experts: 32,
      log_balancedness: true,
      use_async: true,
      policy: "default",
    },
    enableDbo: true,
    dboDecodeTokenThreshold: 64,
    dboPrefillTokenThreshold: 1024,
  },
  "the all2all backend mori": { ...moe, enableExpertParallel: true, all2allBackend: "mori" },
  "the all2all backend pplx": { ...moe, enableExpertParallel: true, all2allBackend: "pplx" },
  "the all2all backend flashinfer_all2allv": {
    ...moe,
    enableExpertParallel: true,
    all2allBackend: "flashinfer_all2allv",
  },
  "the all2all backend deepep_v2": { ...moe, all2allBackend: "deepep_v2" },
  "the all2all backend moonep": { ...moe, all2allBackend: "moonep" },
  "experts that move in batches": {
    ...moe,
    tensorParallelSize: 2,
    enableExpertParallel: true,
    enableEplb: true,
    eplbConfig: { enable_migration_batching: true },
  },
  "adapters of rank 48": {
    ...dense,
    lora: {
      maxLoraRank: 48,
      maxLoras: 4,
      maxCpuLoras: 16,
      targetModules: ["q_proj", "v_proj"],
      allowRuntimeUpdating: true,
    },
  },
  "NIXL on a prefill rank": {
    ...moe,
    launch: { pattern: "external", size: 4, rank: 1, ...meeting },
    enableExpertParallel: true,
    all2allBackend: "deepep_high_throughput",
    kvTransfer: nixl,
    kvEvents: { port: 5657, replayPort: 5757, topic: "kv@rank-1", bufferSteps: 1000 },
  },
  "NIXL that pushes": {
    ...dense,
    kvTransfer: {
      config: { kv_connector: "NixlPushConnector", kv_role: "kv_producer", engine_id: "prefill-0" },
      sideChannel: { host: "{node:0}", port: 5600 },
    },
  },
  "NIXL that reads its host memory": {
    ...dense,
    kvTransfer: {
      config: {
        kv_connector: "NixlConnector",
        kv_role: "kv_consumer",
        kv_buffer_device: "cpu",
        kv_load_failure_policy: "recompute",
        kv_connector_extra_config: { backends: ["UCX", "GDS"] },
      },
      sideChannel: { host: "127.0.0.1", port: 5601 },
    },
  },
  "NIXL and native offload in one chain": {
    ...dense,
    kvTransfer: nixl,
    kvCacheOffload: { cpuBytes: 128_000_000_000 },
    enablePrefixCaching: true,
  },
  "a chain as the configuration writes it": {
    ...dense,
    kvTransfer: {
      config: {
        kv_connector: "MultiConnector",
        kv_role: "kv_both",
        kv_connector_extra_config: {
          connectors: [
            { kv_connector: "NixlConnector", kv_role: "kv_both" },
            {
              kv_connector: "OffloadingConnector",
              kv_role: "kv_both",
              kv_connector_extra_config: { block_size: 64, cpu_bytes_to_use: 10_000_000_000 },
            },
          ],
        },
      },
      sideChannel: { host: "{node:0}", port: 5600 },
      leaseSeconds: 60,
    },
  },
  "native offload to CPU memory": { ...dense, kvCacheOffload: { cpuBytes: 128_000_000_000 } },
  "native offload to CPU memory and disk": {
    ...dense,
    kvCacheOffload: { cpuBytes: 128_000_000_000, diskPath: "/scratch/kv" },
  },
  "P2P NCCL on one node": {
    ...dense,
    kvTransfer: {
      config: {
        kv_connector: "P2pNcclConnector",
        kv_role: "kv_producer",
        kv_rank: 0,
        kv_parallel_size: 2,
        kv_buffer_size: 1e9,
        kv_port: 14_579,
        kv_connector_extra_config: { send_type: "PUT_ASYNC", http_port: 8000 },
      },
    },
  },
  LMCache: {
    ...dense,
    kvTransfer: {
      config: {
        kv_connector: "LMCacheConnectorV1",
        kv_role: "kv_producer",
        kv_ip: "10.0.0.1",
        kv_buffer_size: 1e9,
      },
    },
    envVars: { LMCACHE_CONFIG_FILE: "/etc/lmcache.yaml" },
  },
  Mooncake: {
    ...dense,
    kvTransfer: {
      config: {
        kv_connector: "MooncakeConnector",
        kv_role: "kv_producer",
        kv_connector_extra_config: { num_workers: 10, mooncake_protocol: "rdma" },
      },
      mooncakeBootstrapPort: 8998,
      leaseSeconds: 480,
    },
  },
  "a Mooncake store": {
    ...dense,
    enablePrefixCaching: true,
    kvTransfer: {
      config: {
        kv_connector: "MooncakeStoreConnector",
        kv_role: "kv_both",
        kv_connector_extra_config: { load_async: true },
      },
      mooncakeConfigPath: "/shared/outputs/mooncake.json",
    },
  },
  "weights from a trainer": {
    ...moe,
    weightTransferBackend: "nccl",
    serverDevMode: true,
    enableReturnRoutedExperts: true,
  },
  "flags of the user": {
    ...dense,
    vllmExtra: {
      headless: true,
      async_scheduling: false,
      "disable-log-stats": false,
      max_logprobs: -1,
      "logprobs-mode": "processed_logprobs",
      allowed_origins: ["https://a.example", "https://b.example"],
      middleware: ["a.b", "c.d"],
      lora_modules: ["sql=/adapters/sql"],
      compilation_config: { cudagraph_mode: "FULL_DECODE_ONLY" },
      "hf_overrides.max_position_embeddings": 4096,
      seed: null,
    },
    envVars: { UCX_TLS: "rc,ud,sm", VLLM_DEEP_GEMM_WARMUP: "skip" },
  },
};

/** Releases with a golden file: the oldest, one on each side of most gates, the newest. */
export const goldenReleases: readonly string[] = ["0.20.0", "0.23.0", "0.26.0", "0.33.0"];

/** Releases between the oldest and the newest supported one, a patch release where there is one. */
export const checkedReleases: readonly string[] = [
  "0.20.0",
  "0.20.2",
  "0.21.0",
  "0.22.1",
  "0.23.0",
  "0.24.0",
  "0.25.1",
  "0.26.0",
  "0.27.1",
  "0.28.0",
  "0.29.0",
  "0.30.0",
  "0.31.0",
  "0.32.0",
  "0.33.0",
];
