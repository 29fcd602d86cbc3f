import type { Config } from "../../config/mod.ts";
import { isPenstockError } from "../../errors/mod.ts";
import { type ModelShape, readModelShape } from "../../model-facts/mod.ts";
import {
  type FitOptions,
  fitReport,
  type GpuName,
  type KvCacheDtype,
  kvCacheDtypes,
  type Plan,
  type PlannedInstance,
  type ProcessRole,
} from "../../plan/mod.ts";
import { formatFit } from "../screen/format-fit.ts";

/** Whether the model fits the instances of the Plan, one report for each kind of them; else a line that says why not. */
export async function describeFit(
  plan: Plan,
  config: Config,
  gpu: GpuName | undefined,
): Promise<string> {
  if (plan.engine === "embedded")
    return 'No fit report: the embedded engine computes on cores; "penstock fit" reckons for GPUs\n';
  const shape = await shapeAtHand(plan.model.source);
  if (typeof shape === "string") return `No fit report for "${plan.model.source}": ${shape}\n`;
  const optionsOf = (instance: PlannedInstance): FitOptions => ({
    ...fitOptions(config, instance),
    ...(gpu !== undefined && { gpu }),
    enableExpertParallel: config.enable_expert_parallel && shape.experts !== null,
  });
  const kinds = Map.groupBy(plan.instances, (instance) => JSON.stringify(optionsOf(instance)));
  const reports = [...kinds.values()].map((instances) => {
    const report = fitReport(shape, optionsOf(instances[0]!));
    return `Fit of ${nameInstances(instances, kinds.size)}: ${formatFit(report)}`;
  });
  return reports.join("\n");
}

function nameInstances(instances: readonly PlannedInstance[], kindCount: number): string {
  if (kindCount === 1) return "every instance";
  const roles = new Set(instances.map(({ role }) => role));
  return `${[...roles].join(" and ")} instances`;
}

/** What the model's config.json says, or why it cannot be asked. */
async function shapeAtHand(source: string): Promise<ModelShape | string> {
  try {
    return await readModelShape(source);
  } catch (error) {
    if (!isPenstockError(error)) throw error;
    if (error.code === "MODEL_FILE_MISSING")
      return "its config.json is not on this machine; --model takes its directory, penstock fit too";
    return error.message;
  }
}

function fitOptions(config: Config, instance: PlannedInstance): FitOptions {
  const { block_size, max_num_seqs, max_num_batched_tokens, gpu_memory_utilization } = config;
  const { max_model_len } = config.model;
  const own = vllmExtraOf(config, instance.role);
  const given = {
    gpuMemoryUtilization: numberOf(own["gpu_memory_utilization"]) ?? gpu_memory_utilization,
    blockSize: numberOf(own["block_size"]) ?? block_size,
    maxNumSeqs: numberOf(own["max_num_seqs"]) ?? max_num_seqs,
    maxNumBatchedTokens: numberOf(own["max_num_batched_tokens"]) ?? max_num_batched_tokens,
    kvCacheDtype: kvCacheDtypeOf(own["kv_cache_dtype"] ?? config.kv_cache_dtype),
  };
  return {
    tensorParallelSize: instance.tensorParallelSize,
    dataParallelSize: instance.dataParallelSize,
    numRedundantExperts: config.enable_eplb ? config.eplb_config.num_redundant_experts : 0,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
    ...(max_model_len !== null && requestOf(max_model_len)),
  };
}

/** Arguments that the configuration hands to the vLLM of a role unread. */
function vllmExtraOf(config: Config, role: ProcessRole): Config["vllm_extra"] {
  const { deployment, pd_disagg, vllm_extra } = config;
  const roles = pd_disagg ?? (deployment.type === "disaggregated" ? deployment : null);
  if (role === "both" || roles === null) return vllm_extra;
  return { ...vllm_extra, ...roles[`${role}_vllm_extra`] };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}

/** Null for a type whose size is not known here: it is reckoned as the model's own. */
function kvCacheDtypeOf(name: unknown): KvCacheDtype | null {
  return kvCacheDtypes.find((known) => known === name) ?? null;
}

const inputLengthMax = 8_192;
const outputLengthMax = 1_024;

/** A request that the longest sequence leaves room for, an eighth of it at least for the answer. */
function requestOf(maxModelLen: number): Pick<FitOptions, "inputLength" | "outputLength"> {
  const outputLength = Math.max(1, Math.min(outputLengthMax, Math.floor(maxModelLen / 8)));
  const inputLength = Math.max(1, Math.min(inputLengthMax, maxModelLen - outputLength));
  return { inputLength, outputLength };
}
