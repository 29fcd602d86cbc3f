import { parentPort, workerData } from "node:worker_threads";
import { instantiateKernels } from "../kernels/wasm-kernels.ts";
import { takeSeat } from "./compute-seat.ts";
import { ForwardPass } from "./forward-pass.ts";
import type { MemoryPlan } from "./memory-plan.ts";
import type { Seat } from "./share.ts";

/** What a compute thread is started with. */
export interface ComputeWorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: MemoryPlan;
  readonly seat: Seat;
}

computeUntilStopped(workerData as ComputeWorkerData);

/** A compute thread has no event loop: it sleeps in shared memory between steps. */
function computeUntilStopped({ module, memory, plan, seat }: ComputeWorkerData): void {
  const kernels = instantiateKernels(module, memory);
  const my = takeSeat({ kernels, buffer: memory.buffer, plan, seat });
  const pass = new ForwardPass(my);
  let step = my.control.stepNumber;
  parentPort?.postMessage("ready");
  try {
    while (my.control.waitForStep(step)) {
      step = my.control.stepNumber;
      pass.run(my.control.readCounts());
    }
  } catch (error) {
    my.control.fail(error);
  }
}
