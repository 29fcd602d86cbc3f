import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { PenstockError } from "../../../errors/mod.ts";
import type { Plan, PlannedProcess } from "../../../plan/mod.ts";
import { findPortProblems } from "../../node/check-ports.ts";
import { findGpus } from "../find-gpus.ts";
import { findProgram, type ProgramPlaces } from "../find-program.ts";
import { gpuProblems } from "./gpu-problems.ts";
import type { Problem } from "./problem.ts";

export interface VllmCheckOptions {
  /** The release that was found or named: "0.31.0"; null where there is none. */
  readonly version: string | null;
  readonly places: ProgramPlaces;
  readonly nvidiaSmi?: string;
}

/**
 * Makes sure, before anything starts, that this machine has what a Plan with vLLM needs: its programs, a release of
 * vLLM that is known, its GPUs with enough free memory, the model and its ports. A start that fails minutes later for
 * one of them costs more than to look.
 *
 * @throws PenstockError VLLM_NOT_READY with everything that is missing
 */
export async function checkVllm(plan: Plan, options: VllmCheckOptions): Promise<void> {
  const processes = plan.nodes.flatMap((node) => node.processes);
  const problems = [
    ...nodeProblems(plan),
    ...(await programProblems(processes, options.places)),
    ...versionProblems(options.version),
    ...(await deviceProblems(processes, options)),
    ...(await modelProblems(plan.model.source)),
    ...(await findPortProblems(processes)),
  ];
  if (problems.length > 0) throw new PenstockError("VLLM_NOT_READY", { problems });
}

/** Every node of the Plan counts its GPUs from 0: this machine is one node. */
function nodeProblems({ nodes }: Plan): readonly Problem[] {
  if (nodes.length === 1) return [];
  const message = `the deployment takes ${nodes.length} machines, but this is one`;
  const hint =
    "start it on a cluster with --launch slurm, plan a single node, or take --engine embedded, whose nodes can share a machine";
  return [{ message, hint }];
}

async function programProblems(
  processes: readonly PlannedProcess[],
  places: ProgramPlaces,
): Promise<readonly Problem[]> {
  const programs = Map.groupBy(processes, ({ argv }) => argv[0]!);
  const problems: Problem[] = [];
  for (const [program, [first]] of programs) {
    if ((await findProgram(program, places)) !== undefined) continue;
    const message = `"${program}", which "${first!.id}" runs, is no program on PATH`;
    const hint =
      first!.kind === "engine"
        ? "install vLLM and activate its environment, or name it with --vllm.executable"
        : "install it, or put its folder on PATH";
    problems.push({ message, hint });
  }
  return problems;
}

/** Whether the release is supported has been settled by the planner, which writes commands for it. */
function versionProblems(version: string | null): readonly Problem[] {
  if (version !== null) return [];
  const message =
    "the release of vLLM is not known: no package vllm is installed beside its program";
  return [{ message, hint: "install vLLM with pip, or name the release with --vllm.version" }];
}

async function deviceProblems(
  processes: readonly PlannedProcess[],
  { version, nvidiaSmi }: VllmCheckOptions,
): Promise<readonly Problem[]> {
  if (isForOtherDevices(version ?? "")) return [];
  return gpuProblems(processes, await findGpus(nvidiaSmi));
}

/** Builds for CPUs, AMD, Intel and TPUs say so in the local part of their version; nvidia-smi knows none of these. */
function isForOtherDevices(version: string): boolean {
  return /\+.*(cpu|rocm|xpu|tpu)/.test(version);
}

/** vLLM takes a directory, a file, or the name of a model on the hub, which it fetches itself. */
async function modelProblems(source: string): Promise<readonly Problem[]> {
  if (await exists(source)) return [];
  const looksLikeHubName = !isAbsolute(source) && /^[\w.-]+(\/[\w.-]+)?$/.test(source);
  if (looksLikeHubName && !source.startsWith(".")) return [];
  const message = `the model "${source}" is neither there nor the name of a model on the hub`;
  return [{ message, hint: "give --model.name a directory, or a name such as Qwen/Qwen3-0.6B" }];
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // Not there, or not ours to see.
  }
}
