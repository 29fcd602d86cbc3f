import assert from "node:assert/strict";
import { test } from "node:test";
import type { RopeFacts } from "../../model-facts/mod.ts";
import { dependsOnLength, ropeFrequencies } from "./rope-frequencies.ts";

const theta = 10_000;
const plain = [1, 0.1, 0.01, 0.001];

function frequencies(rope: RopeFacts, ropeLength = 1): number[] {
  return [...ropeFrequencies(rope, 8, ropeLength).inverseFrequencies];
}

function assertClose(found: readonly number[], wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [i, value] of found.entries())
    assert(Math.abs(value / wanted[i]! - 1) < 1e-6, `${i}: ${value}, wanted ${wanted[i]}`);
}

test("ropeFrequencies() falls by equal factors from 1 and divides them for linear scaling", () => {
  assertClose(frequencies({ type: "default", theta }), plain);
  assertClose(
    frequencies({ type: "linear", theta, factor: 4 }),
    plain.map((frequency) => frequency / 4),
  );
});

test("ropeFrequencies() changes a dynamic base only past the trained length", () => {
  const rope = { type: "dynamic", theta, factor: 2, originalMaxPosition: 32 } as const;
  assert(dependsOnLength(rope));
  assertClose(frequencies(rope, 32), plain);
  const base = theta * 3 ** (8 / 6); // At twice the length: factor · 2 - (factor - 1) = 3.
  assertClose(
    frequencies(rope, 64),
    [0, 1, 2, 3].map((i) => base ** (-i / 4)),
  );
});

test("ropeFrequencies() keeps fast and divides slow frequencies for llama3", () => {
  const rope = { type: "llama3", theta, factor: 8, originalMaxPosition: 1_000 } as const;
  const found = frequencies({ ...rope, lowFreqFactor: 1, highFreqFactor: 4 });
  // The four make 159, 16, 1.6 and 0.16 turns in 1,000 positions.
  const smooth = (1_000 * 0.01) / (2 * Math.PI) / 3 - 1 / 3;
  assertClose(found, [1, 0.1, ((1 - smooth) * 0.01) / 8 + smooth * 0.01, 0.001 / 8]);
});

test("ropeFrequencies() takes long factors past the trained length", () => {
  const factors = { shortFactor: [1, 1, 1, 1], longFactor: [1, 2, 4, 8] };
  const rope = { type: "longrope", theta, originalMaxPosition: 32, ...factors } as const;
  assertClose(frequencies({ ...rope, attentionFactor: 1.5 }, 32), plain);
  assertClose(frequencies({ ...rope, attentionFactor: 1.5 }, 33), [1, 0.05, 0.0025, 0.000125]);
  assert.equal(ropeFrequencies({ ...rope, attentionFactor: 1.5 }, 8, 1).attentionFactor, 1.5);
});
