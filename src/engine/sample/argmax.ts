import { PenstockError } from "../../errors/mod.ts";

/**
 * The most likely token, of equal ones the first.
 *
 * @throws PenstockError ENGINE_LOGITS_INVALID when a logit is NaN or +Infinity, or all are -Infinity.
 */
export function argmax(logits: Float32Array): number {
  let best = -1;
  let max = -Infinity;
  let hasNaN = false;
  for (let index = 0; index < logits.length; index++) {
    const logit = logits[index]!;
    if (logit > max) {
      max = logit;
      best = index;
    }
    hasNaN ||= Number.isNaN(logit);
  }
  if (hasNaN || max === Infinity) throw invalid("the model computed a logit that is not a number");
  if (best === -1) throw invalid("no token is possible, every logit is -Infinity");
  return best;
}

function invalid(reason: string): PenstockError {
  return new PenstockError("ENGINE_LOGITS_INVALID", { reason });
}
