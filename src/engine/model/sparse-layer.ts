import type { ComputeSeat } from "./compute-seat.ts";
import { ExpertRouting } from "./expert-routing.ts";
import { shareOf } from "./share.ts";
import type { SparseWeights } from "./weight-places.ts";

/**
 * hidden += Σ weight · expert(normed) over each token's experts. Tokens are gathered by expert, so that an expert's
 * weights are read once for all its tokens. Every thread routes for itself, which is cheaper than a barrier. A token adds
 * its experts up in ascending order, whatever the batch.
 */
export class SparseLayer {
  readonly #my: ComputeSeat;
  readonly #routing: ExpertRouting;

  constructor(my: ComputeSeat) {
    this.#my = my;
    this.#routing = new ExpertRouting({
      moe: my.plan.config.moe!, // Made only where the config has experts.
      tokensMax: my.plan.maxNumBatchedTokens,
      buffer: my.buffer,
      place: my.own,
    });
  }

  compute(weights: SparseWeights, tokenCount: number): void {
    const { gemm, plan, own, control } = this.#my;
    const { config } = plan;
    const { numExperts } = config.moe!; // Made only where the config has experts.
    const { normed, routerLogits } = own;
    const { hiddenSize } = config;
    gemm(
      normed,
      weights.router,
      routerLogits,
      tokenCount,
      hiddenSize,
      0,
      numExperts,
      numExperts,
      0,
      0,
    );
    this.#routing.route(tokenCount);
    this.#expand(weights);
    control.barrier();
    this.#contract(weights);
  }

  #expand({ experts }: SparseWeights): void {
    const { kernels, gemm, plan, own, seat } = this.#my;
    const { hiddenSize, moe } = plan.config;
    const width = moe!.moeIntermediateSize;
    const { start, end } = shareOf(seat, width, 8);
    for (const [expert, weights] of experts.entries()) {
      const { first, count } = this.#routing.pairsOf(expert);
      if (count === 0) continue;
      const gate = plan.scratch.gate + first * width * 4;
      const up = plan.scratch.up + first * width * 4;
      kernels.gatherRowsF32(
        own.normed,
        own.pairTokens + first * 4,
        own.gathered,
        count,
        hiddenSize,
      );
      gemm(own.gathered, weights.gate, gate, count, hiddenSize, start, end, width, 0, 0);
      gemm(own.gathered, weights.up, up, count, hiddenSize, start, end, width, 0, 0);
      kernels.siluMul(gate, up, count, start, end, width);
    }
  }

  #contract({ experts }: SparseWeights): void {
    const { kernels, gemm, plan, own, hiddenShare } = this.#my;
    const { hiddenSize, moe } = plan.config;
    const width = moe!.moeIntermediateSize;
    const { hidden, gate, expertOut } = plan.scratch;
    const { start, end } = hiddenShare;
    for (const [expert, weights] of experts.entries()) {
      const { first, count } = this.#routing.pairsOf(expert);
      if (count === 0) continue;
      const rows = gate + first * width * 4;
      gemm(rows, weights.down, expertOut, count, width, start, end, hiddenSize, 0, 0);
      const scales = own.pairWeights + first * 4;
      const tokens = own.pairTokens + first * 4;
      kernels.addScaledRows(expertOut, scales, tokens, hidden, count, start, end, hiddenSize);
    }
  }
}
