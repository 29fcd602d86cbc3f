import assert from "node:assert/strict";
import { test } from "node:test";
import { philox4x32, randomUnit } from "./philox.ts";

// Known answers of the reference implementation: kat_vectors of Random123.
test("philox4x32() gives the known answers of Random123", () => {
  const max = 0xffff_ffff;
  assert.deepEqual(
    philox4x32([0, 0, 0, 0], [0, 0]),
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  );
  assert.deepEqual(
    philox4x32([max, max, max, max], [max, max]),
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  );
  assert.deepEqual(
    philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

test("randomUnit() stays in [0, 1) and has the mean and variance of the uniform distribution", () => {
  const draws = Array.from({ length: 20_000 }, (_, index) =>
    randomUnit({ seed: 7, stream: 0 }, index),
  );
  assert(draws.every((draw) => draw >= 0 && draw < 1));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  assert(Math.abs(mean - 1 / 2) < 0.01, `mean ${mean}`);
  assert(Math.abs(variance - 1 / 12) < 0.005, `variance ${variance}`);
});

test("randomUnit() differs by seed, stream and index, also past 32 bits and below zero", () => {
  const seeds = [0, 1, -1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1];
  const draws = seeds.flatMap((seed) =>
    [0, 1, 2 ** 32].flatMap((stream) => [0, 1].map((index) => randomUnit({ seed, stream }, index))),
  );
  assert.equal(new Set(draws).size, draws.length);
});
