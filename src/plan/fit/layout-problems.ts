import type { ModelShape } from "../../model-facts/mod.ts";
import type { FitSettings } from "./fit-options.ts";

/** Why vLLM would refuse this layout of this model, one sentence each; empty where it would not. */
export function layoutProblems(shape: ModelShape, settings: FitSettings): readonly string[] {
  return [
    ...headProblems(shape, settings.tensorParallelSize),
    ...mlpProblems(shape, settings),
    ...expertProblems(shape, settings),
    ...lengthProblems(shape, settings),
    ...(settings.kvCacheDtype === "fp8_ds_mla" && shape.attention.kind !== "latent"
      ? ["The KV cache dtype fp8_ds_mla is for MLA; this model keeps keys and values"]
      : []),
  ];
}

function headProblems({ attention }: ModelShape, tensorParallelSize: number): readonly string[] {
  const heads = attention.numAttentionHeads;
  if (heads % tensorParallelSize !== 0)
    return [`The ${heads} attention heads cannot be divided by TP ${tensorParallelSize}`];
  if (attention.kind === "latent") return [];
  const kvHeads = attention.numKeyValueHeads;
  const fits = kvHeads % tensorParallelSize === 0 || tensorParallelSize % kvHeads === 0;
  if (fits) return [];
  return [`The ${kvHeads} KV heads neither divide TP ${tensorParallelSize} nor are divided by it`];
}

/** A matrix is cut between the tiles that share a scale, never through one. */
function mlpProblems(shape: ModelShape, settings: FitSettings): readonly string[] {
  const { tensorParallelSize, dataParallelSize, enableExpertParallel } = settings;
  const { experts, mlp, quantization } = shape;
  const tile = quantization?.tile?.[0] ?? 1;
  const problems: string[] = [];
  const check = (what: string, size: number, parts: number) => {
    if (size % (parts * tile) === 0) return;
    const scales = tile === 1 ? "" : `, in FP8 tiles of ${tile}`;
    problems.push(`The ${what} size ${size} cannot be cut into ${parts} parts${scales}`);
  };
  if (experts === null || experts.sparseLayers.includes(false))
    check("intermediate", mlp.intermediateSize, tensorParallelSize);
  if (experts !== null && experts.sharedIntermediateSize > 0)
    check("shared experts'", experts.sharedIntermediateSize, tensorParallelSize);
  if (experts !== null && !enableExpertParallel)
    check("expert", experts.intermediateSize, tensorParallelSize * dataParallelSize);
  return problems;
}

function expertProblems({ experts }: ModelShape, settings: FitSettings): readonly string[] {
  const { enableExpertParallel, numRedundantExperts } = settings;
  if (experts === null)
    return enableExpertParallel ? ["The model has no experts: expert parallelism has no use"] : [];
  const gpus = settings.tensorParallelSize * settings.dataParallelSize;
  const count = experts.numExperts + numRedundantExperts;
  if (!enableExpertParallel || count % gpus === 0 || numRedundantExperts === 0) return [];
  return [
    `The ${count} experts, redundant ones included, cannot be shared equally by ${gpus} GPUs`,
  ];
}

function lengthProblems(shape: ModelShape, settings: FitSettings): readonly string[] {
  const length = settings.inputLength + settings.outputLength;
  const longest = shape.maxPositionEmbeddings;
  if (longest === null || length <= longest) return [];
  return [`A request of ${length} tokens is longer than the model's ${longest} positions`];
}
