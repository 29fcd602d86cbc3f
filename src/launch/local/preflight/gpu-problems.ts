import type { PlannedProcess } from "../../../plan/mod.ts";
import type { FoundGpus, Gpu } from "../find-gpus.ts";
import type { Problem } from "./problem.ts";

/** What vLLM takes of a GPU's memory where its command does not say. */
const utilizationDefault = 0.92;
const flag = "--gpu-memory-utilization";

/** What keeps the engines from having the GPUs that the Plan gives them: one problem a GPU. */
export function gpuProblems(
  processes: readonly PlannedProcess[],
  { gpus, reason }: FoundGpus,
): readonly Problem[] {
  const wanted = [...shareOfGpus(processes)].toSorted(([one], [other]) => one - other);
  if (wanted.length === 0) return [];
  const indexes = wanted.map(([index]) => index).join(", ");
  if (reason !== null) {
    const message = `GPUs ${indexes} are wanted, but ${reason}`;
    const hint = "start on a machine with NVIDIA GPUs and their driver, or take --engine embedded";
    return [{ message, hint }];
  }
  return wanted.flatMap(([index, share]) => {
    const gpu = gpus.find((one) => one.index === index);
    return gpu === undefined ? [missing(index, gpus)] : memoryProblems(gpu, share);
  });
}

/** The part of each GPU's memory that engines want, all of those together that share it. */
function shareOfGpus(processes: readonly PlannedProcess[]): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const { gpus, argv } of processes)
    for (const gpu of gpus) shares.set(gpu, (shares.get(gpu) ?? 0) + utilizationOf(argv));
  return shares;
}

function utilizationOf(argv: readonly string[]): number {
  const at = argv.lastIndexOf(flag);
  const value = Number(argv[at + 1]);
  return at >= 0 && value > 0 ? value : utilizationDefault;
}

function missing(index: number, gpus: readonly Gpu[]): Problem {
  const there = gpus.map((gpu) => gpu.index).join(", ");
  return {
    message: `GPU ${index} is wanted, but this machine has GPUs ${there}`,
    hint: "plan fewer GPUs with --parallel.tp, --parallel.dp or [pd_disagg]",
  };
}

/** vLLM itself gives up where less is free than it is to take: sooner said here than after a minute. */
function memoryProblems({ index, name, totalBytes, freeBytes }: Gpu, share: number) {
  if (totalBytes === null || freeBytes === null) return [];
  const wantedBytes = totalBytes * share;
  if (freeBytes >= wantedBytes) return [];
  return [
    {
      message: `GPU ${index} (${name}) has ${inGib(freeBytes)} of ${inGib(totalBytes)} GiB free, but gpu_memory_utilization asks for ${inGib(wantedBytes)} GiB`,
      hint: "end what uses it, which nvidia-smi lists, or lower --gpu-memory-utilization",
    },
  ];
}

function inGib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
