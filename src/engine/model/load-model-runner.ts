import { availableParallelism, freemem } from "node:os";
import { PenstockError } from "../../errors/mod.ts";
import {
  checkTensors,
  readModelConfig,
  readSafetensorsHeaders,
  requiredTensors,
  type StoredTensor,
} from "../../model-facts/mod.ts";
import { writeAttentionShape, type Kernels } from "../kernels/kernels.ts";
import {
  compileKernels,
  createMemory,
  instantiateKernels,
  kernelsFile,
} from "../kernels/wasm-kernels.ts";
import type { ModelRunner } from "../step-batch.ts";
import type { Dtype, LoadProgress } from "../types.ts";
import { loadWeights, storedDtype } from "../weights/load-weights.ts";
import { attentionShapeOf } from "./attention-layer.ts";
import { takeSeat } from "./compute-seat.ts";
import { ComputeThreads } from "./compute-threads.ts";
import {
  loadBufferBytes,
  planMemory,
  toMib,
  type MemoryPlan,
  type RunnerLimits,
} from "./memory-plan.ts";
import { chooseThreadCount } from "./thread-count.ts";
import { WasmModelRunner } from "./wasm-model-runner.ts";

/** See EngineOptions for the meaning and the default of each. */
export interface ModelRunnerOptions extends RunnerLimits {
  readonly modelDirectory: string;
  readonly dtype: Dtype | "auto";
  readonly threadCount?: number;
  readonly coreCount?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Loads a Hugging Face directory and starts its compute threads. The calling thread is one of them.
 *
 * @throws PenstockError every MODEL_ code: what is wrong with the directory, or why it does not fit
 */
export async function loadModelRunner(options: ModelRunnerOptions): Promise<ModelRunner> {
  const { modelDirectory, onProgress = () => {} } = options;
  onProgress({ stage: "read config", done: 0 });
  const config = await readModelConfig(modelDirectory);
  const required = requiredTensors(config);
  const stored = await readSafetensorsHeaders(modelDirectory);
  checkTensors(required, stored, modelDirectory);
  const tensors = required.map(({ name }) => stored.get(name)!); // checkTensors has seen them all.

  const parameterCount = countParameters(tensors);
  const { coreCount = availableParallelism() } = options;
  const threadCount = options.threadCount ?? chooseThreadCount(coreCount, parameterCount);
  const dtype = chooseDtype(options.dtype, tensors);
  const plan = planMemory({ config, dtype, limits: options, threadCount });
  const module = prepareKernels();
  const memory = reserveMemory(plan.totalBytes);
  const kernels = instantiateKernels(module, memory);
  await load({ plan, stored, kernels, memory, onProgress });
  writeAttentionShape(memory.buffer, plan.step.attentionShape, attentionShapeOf(plan));

  onProgress({ stage: "start threads", done: 0 });
  const seat = { index: 0, count: threadCount };
  const my = takeSeat({ kernels, buffer: memory.buffer, plan, seat });
  const threads = await ComputeThreads.start({ module, memory, plan, seat }, my.control);
  onProgress({ stage: "ready", done: 1 });
  return new WasmModelRunner(my, threads, parameterCount);
}

function chooseDtype(wanted: Dtype | "auto", tensors: readonly StoredTensor[]): Dtype {
  return wanted === "auto" ? storedDtype(tensors.filter(({ shape }) => shape.length > 1)) : wanted;
}

function countParameters(tensors: readonly StoredTensor[]): number {
  const sizeOf = ({ shape }: StoredTensor) => shape.reduce((product, size) => product * size, 1);
  return tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
}

/** @throws PenstockError MODEL_KERNELS_MISSING */
export function prepareKernels(file = kernelsFile): WebAssembly.Module {
  try {
    return compileKernels(file);
  } catch (cause) {
    const facts = { file, reason: `cannot be used (${(cause as Error).message})` };
    throw new PenstockError("MODEL_KERNELS_MISSING", facts, { cause });
  }
}

/** @throws PenstockError MODEL_MEMORY_REFUSED */
export function reserveMemory(bytes: number): WebAssembly.Memory {
  try {
    return createMemory(bytes);
  } catch (cause) {
    const reason = (cause as Error).message;
    const facts = { wantedMib: toMib(bytes), freeMib: toMib(freemem()), reason };
    throw new PenstockError("MODEL_MEMORY_REFUSED", facts, { cause });
  }
}

interface LoadJob {
  readonly plan: MemoryPlan;
  readonly stored: ReadonlyMap<string, StoredTensor>;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly onProgress: (progress: LoadProgress) => void;
}

async function load({ plan, stored, kernels, memory, onProgress }: LoadJob): Promise<void> {
  const targets = plan.places.map(({ name, address, dtype }) => ({
    tensor: stored.get(name)!, // Places and required tensors have the same names.
    address,
    dtype,
  }));
  await loadWeights(targets, {
    kernels,
    buffer: memory.buffer,
    staging: { ...plan.loadBuffers, bytes: loadBufferBytes },
    onProgress: (done) => onProgress({ stage: "load weights", done }),
  });
}
