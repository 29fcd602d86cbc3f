import type { Kernels } from "../kernels/kernels.ts";
import type { MemoryPlan, ThreadScratch } from "./memory-plan.ts";
import { shareOf, type Range, type Seat } from "./share.ts";
import { StepControl } from "./step-control.ts";

/** What one thread computes with; every thread has its own over the same memory. */
export interface ComputeSeat {
  readonly kernels: Kernels;
  readonly buffer: ArrayBufferLike;
  readonly plan: MemoryPlan;
  readonly seat: Seat;
  readonly own: ThreadScratch;
  readonly control: StepControl;
  /** For the dtype that the matrices are kept in. */
  readonly gemm: Kernels["gemmF32"];
  /** The columns of the hidden state that this thread adds to. */
  readonly hiddenShare: Range;
}

export interface SeatParts {
  readonly kernels: Kernels;
  readonly buffer: ArrayBufferLike;
  readonly plan: MemoryPlan;
  readonly seat: Seat;
}

export function takeSeat(parts: SeatParts): ComputeSeat {
  const { kernels, buffer, plan, seat } = parts;
  return {
    ...parts,
    own: plan.threads[seat.index]!, // Planned for as many threads as there are seats.
    control: new StepControl(buffer, { address: plan.step.control, seat }),
    gemm: plan.dtype === "bfloat16" ? kernels.gemmBf16 : kernels.gemmF32,
    hiddenShare: shareOf(seat, plan.config.hiddenSize, 8),
  };
}
