import { isIndependent, launchMistake } from "./data-parallel.ts";
import { vllmHas, vllmReleasesOf, type VllmFactName } from "./facts.ts";
import { movesBetweenInstances } from "./kv-connectors.ts";
import { roundLoraRank, vllmLoraRanks } from "./lora.ts";
import type { VllmServeOptions } from "./options.ts";
import type { VllmMistake } from "./written.ts";
import type { VllmVersion } from "./version.ts";

const weightBackendsOf: Readonly<Record<string, VllmFactName>> = {
  sparse_nccl: "sparseNccl",
  sharded_rdt: "shardedRdt",
  nccl_m2n: "ncclM2n",
};

/** Combinations of options that vLLM refuses when it starts, or that would be read as something else. */
export function commandMistakes(
  options: VllmServeOptions,
  version: VllmVersion,
): readonly VllmMistake[] {
  const found: readonly (readonly [string, string | undefined])[] = [
    ["model", modelMistake(options)],
    ["servedModelNames", dashMistake(options.servedModelNames ?? [])],
    ["lora.targetModules", dashMistake(options.lora?.targetModules ?? [])],
    ["lora.maxLoraRank", loraMistake(options)],
    ["launch", launchMistake(options.launch)],
    ["enableEplb", eplbMistake(options)],
    ["enableExpertParallel", expertMistake(options)],
    ["enableDbo", dboMistake(options)],
    ["apiServerCount", apiServerMistake(options)],
    ["weightTransferBackend", weightMistake(options, version)],
    ["enableReturnRoutedExperts", routedExpertsMistake(options, version)],
  ];
  return found.flatMap(([option, message]) => (message === undefined ? [] : [{ option, message }]));
}

function modelMistake({ model }: VllmServeOptions): string | undefined {
  return model === "" || model.startsWith("-")
    ? "Expected a name that is not empty and does not begin with a dash"
    : undefined;
}

function dashMistake(names: readonly string[]): string | undefined {
  return names.some((name) => name === "" || name.startsWith("-"))
    ? "Expected names that are not empty and do not begin with a dash"
    : undefined;
}

function loraMistake({ lora }: VllmServeOptions): string | undefined {
  if (!lora || roundLoraRank(lora.maxLoraRank) !== undefined) return undefined;
  return `Expected a rank of at most ${vllmLoraRanks.at(-1)}`;
}

function expertMistake(options: VllmServeOptions): string | undefined {
  return options.enableExpertParallel === true && !options.isMoe
    ? "Expected a model with experts: this one is dense"
    : undefined;
}

function eplbMistake(options: VllmServeOptions): string | undefined {
  const extraExperts = options.eplbConfig?.num_redundant_experts ?? 0;
  if (options.enableEplb !== true)
    return extraExperts > 0 ? "Expected true: redundant experts need EPLB" : undefined;
  if (options.enableExpertParallel !== true) return "Expected expert parallelism beside EPLB";
  const isAlone = isIndependent(options.launch, options.isMoe);
  const ranks = (options.tensorParallelSize ?? 1) * (isAlone ? 1 : (options.launch?.size ?? 1));
  return ranks > 1 ? undefined : "Expected more than one GPU: EPLB moves experts between GPUs";
}

/** `use_ubatching` in vllm/config/vllm.py: without a backend vLLM takes one that cannot be split in two batches. */
function dboMistake({ enableDbo, all2allBackend }: VllmServeOptions): string | undefined {
  if (enableDbo !== true || /^(?:deepep_|nixl_ep$)/.test(all2allBackend ?? "")) return undefined;
  return 'Expected expert parallelism beside it, with the all2all backend "deepep_low_latency" or "deepep_high_throughput"';
}

function apiServerMistake(options: VllmServeOptions): string | undefined {
  const count = options.apiServerCount ?? 0;
  const { launch, lora } = options;
  if (count > 0 && launch?.pattern === "internal-nodes" && launch.startRank > 0)
    return "Expected none: only the first node of the engine has an API server";
  if (count > 1 && lora?.allowRuntimeUpdating === true)
    return "Expected 1: adapters loaded at run time reach one API server only";
  return undefined;
}

function weightMistake(options: VllmServeOptions, version: VllmVersion): string | undefined {
  const backend = options.weightTransferBackend;
  const fact =
    backend && Object.hasOwn(weightBackendsOf, backend) ? weightBackendsOf[backend] : null;
  if (!fact || vllmHas(version, fact)) return undefined;
  return `Expected a backend of this release: "${backend}" needs ${vllmReleasesOf(fact)}`;
}

function routedExpertsMistake(options: VllmServeOptions, version: VllmVersion): string | undefined {
  if (options.enableReturnRoutedExperts !== true) return undefined;
  const { kvTransfer, kvCacheOffload } = options;
  const isAsOutput = vllmHas(version, "routedExpertsAsOutput");
  if ((options.pipelineParallelSize ?? 1) > 1) return "Expected no pipeline parallelism beside it";
  if (isAsOutput && options.enablePrefixCaching === false)
    return "Expected prefix caching beside it: this release of vLLM counts on it";
  if (vllmHas(version, "routedExpertsAlone") && (kvTransfer || kvCacheOffload))
    return "Expected no KV transfer or offload beside it: this release of vLLM refuses every connector";
  if (isAsOutput && kvTransfer && movesBetweenInstances(kvTransfer.config))
    return "Expected no KV transfer beside it: vLLM takes experts from one instance only";
  return undefined;
}
