import assert from "node:assert/strict";
import { test } from "node:test";
import {
  llmdDefaultWeights,
  llmdScorers,
  llmdScorersThatNeedMore,
  mergeWeights,
} from "./scorers.ts";

test("mergeWeights() lets overrides win, add and take out", () => {
  assert.deepEqual(mergeWeights({ a: 1, b: 2, c: 3 }, { b: 5, c: 0, d: 0.5 }), {
    a: 1,
    b: 5,
    d: 0.5,
  });
});

test("mergeWeights() leaves out scorers that weigh nothing", () => {
  assert.deepEqual(mergeWeights({ a: 0 }, {}), {});
});

test("llmdDefaultWeights names scorers that there are", () => {
  for (const weights of Object.values(llmdDefaultWeights))
    for (const name of Object.keys(weights)) assert.ok(name in llmdScorers, name);
});

test("llmdScorersThatNeedMore and llmdScorers have no scorer in common", () => {
  for (const name of Object.keys(llmdScorersThatNeedMore)) assert.ok(!(name in llmdScorers), name);
});
