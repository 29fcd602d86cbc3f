import type { ComputeSeat } from "./compute-seat.ts";
import { shareOf } from "./share.ts";
import type { DenseWeights } from "./weight-places.ts";

/** hidden += down(silu(gate(normed)) · up(normed)), with one barrier before the columns of `down` need every row's product. */
export function computeDense(my: ComputeSeat, weights: DenseWeights, tokenCount: number): void {
  const { kernels, gemm, plan, own, seat, control, hiddenShare } = my;
  const { hiddenSize, intermediateSize: width } = plan.config;
  const { hidden, gate, up } = plan.scratch;
  const { start, end } = shareOf(seat, width, 8);
  gemm(
    own.normed,
    weights.gate,
    gate,
    tokenCount,
    hiddenSize,
    start,
    end,
    width,
    weights.gateBias,
    0,
  );
  gemm(own.normed, weights.up, up, tokenCount, hiddenSize, start, end, width, weights.upBias, 0);
  kernels.siluMul(gate, up, tokenCount, start, end, width);
  control.barrier();
  const { start: first, end: last } = hiddenShare;
  gemm(gate, weights.down, hidden, tokenCount, width, first, last, hiddenSize, weights.downBias, 1);
}
