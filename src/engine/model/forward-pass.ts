import { attendPhase, projectPhase } from "./attention-layer.ts";
import type { ComputeSeat } from "./compute-seat.ts";
import { computeDense } from "./dense-layer.ts";
import { SparseLayer } from "./sparse-layer.ts";
import { shareOf } from "./share.ts";
import type { StepCounts } from "./step-control.ts";
import type { LayerWeights } from "./weight-places.ts";

/**
 * The forward pass as one thread sees it. Every thread runs the same phases on its own share of columns or
 * heads, with a barrier wherever a phase reads what others wrote:
 *
 *   norm, qkv, rope, cache | attention | output, residual | norm, gate, up | down, residual | … | norm, logits
 *
 * Norms are cheap, so each thread computes them for itself instead of waiting once more.
 */
export class ForwardPass {
  readonly #my: ComputeSeat;
  readonly #sparse: SparseLayer | null;

  constructor(my: ComputeSeat) {
    this.#my = my;
    this.#sparse = my.plan.config.moe === null ? null : new SparseLayer(my);
  }

  /** Computes the published step. Returns when all threads have. */
  run(counts: StepCounts): void {
    const { plan, control } = this.#my;
    for (const [layer, weights] of plan.weights.layers.entries()) {
      projectPhase(this.#my, layer, counts);
      control.barrier();
      attendPhase(this.#my, layer, counts);
      control.barrier();
      this.#addOutput(weights, counts.tokenCount);
      control.barrier();
      this.#computeMlp(weights, counts.tokenCount);
      control.barrier();
    }
    this.#computeLogits(counts.logitCount);
    control.barrier();
  }

  #addOutput({ output, outputBias }: LayerWeights, tokenCount: number): void {
    const { gemm, plan, hiddenShare } = this.#my;
    const { attention, hidden } = plan.scratch;
    const { hiddenSize, numAttentionHeads, headDim } = plan.config;
    const { start, end } = hiddenShare;
    const width = numAttentionHeads * headDim;
    gemm(attention, output, hidden, tokenCount, width, start, end, hiddenSize, outputBias, 1);
  }

  #computeMlp({ mlp, postAttentionNorm }: LayerWeights, tokenCount: number): void {
    const { kernels, plan, own } = this.#my;
    const { hiddenSize, rmsNormEps } = plan.config;
    const { hidden } = plan.scratch;
    const { normed } = own;
    kernels.rmsNorm(
      hidden,
      postAttentionNorm,
      normed,
      tokenCount,
      hiddenSize,
      hiddenSize,
      rmsNormEps,
    );
    if (mlp.kind === "dense") computeDense(this.#my, mlp, tokenCount);
    else this.#sparse!.compute(mlp, tokenCount); // Made where the config has experts.
  }

  #computeLogits(logitCount: number): void {
    const { kernels, gemm, plan, own, seat } = this.#my;
    const { hiddenSize, rmsNormEps, vocabSize } = plan.config;
    const { weights, step, scratch } = plan;
    const { normed } = own;
    if (logitCount === 0) return;
    kernels.gatherRowsF32(scratch.hidden, step.logitRows, normed, logitCount, hiddenSize);
    kernels.rmsNorm(
      normed,
      weights.finalNorm,
      normed,
      logitCount,
      hiddenSize,
      hiddenSize,
      rmsNormEps,
    );
    const { start, end } = shareOf(seat, vocabSize, 8);
    gemm(
      normed,
      weights.lmHead,
      scratch.logits,
      logitCount,
      hiddenSize,
      start,
      end,
      vocabSize,
      0,
      0,
    );
  }
}
