import assert from "node:assert/strict";
import { test } from "node:test";
import { Penalties, type PenaltyParams } from "./penalties.ts";

const off: PenaltyParams = { repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 };

/** Token 0 stands in the prompt, token 1 once and token 2 twice in the output, token 3 nowhere. */
function penalize(params: Partial<PenaltyParams>, logits: readonly number[]): number[] {
  const penalties = new Penalties({ ...off, ...params }, Int32Array.of(0, 0));
  for (const tokenId of [1, 2, 2]) penalties.add(tokenId);
  const values = Float32Array.from(logits);
  penalties.apply(values);
  return [...values];
}

test("Penalties divides positive and multiplies negative logits of prompt and output", () => {
  assert.deepEqual(penalize({ repetitionPenalty: 2 }, [4, -4, 0, 4]), [2, -8, 0, 4]);
});

test("Penalties counts frequency and presence in the output only", () => {
  assert.deepEqual(penalize({ frequencyPenalty: 0.5 }, [4, 4, 4, 4]), [4, 3.5, 3, 4]);
  assert.deepEqual(penalize({ presencePenalty: 0.5 }, [4, 4, 4, 4]), [4, 3.5, 3.5, 4]);
  assert.deepEqual(penalize({ presencePenalty: -1 }, [4, 4, 4, 4]), [4, 5, 5, 4]);
});

test("Penalties repeats first and subtracts then", () => {
  const all = { repetitionPenalty: 2, frequencyPenalty: 1, presencePenalty: 0.5 };
  assert.deepEqual(penalize(all, [4, 4, 4, 4]), [2, 0.5, -0.5, 4]);
});

test("Penalties.areOn() says whether anything changes", () => {
  assert.equal(Penalties.areOn(off), false);
  for (const key of ["repetitionPenalty", "frequencyPenalty", "presencePenalty"] as const)
    assert.equal(Penalties.areOn({ ...off, [key]: 1.5 }), true);
});
