import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions, type EngineThreadOptions } from "./check-options.ts";

const options: EngineThreadOptions = {
  modelDirectory: "m",
  dtype: "auto",
  maxNumSeqs: 8,
  maxNumBatchedTokens: 8,
  queueDepthMax: 0,
  blockSize: 1,
  seed: 0,
};

test("checkOptions() takes the least that works", () => {
  checkOptions(options);
});

test("checkOptions() names the option that is out of range", () => {
  const wrong: Partial<EngineThreadOptions>[] = [
    { maxNumSeqs: 0 },
    { maxNumBatchedTokens: 7 },
    { maxNumBatchedTokens: NaN },
    { queueDepthMax: -1 },
    { blockSize: 1.5 },
    { maxModelLen: 1 },
    { kvCacheBytes: 0 },
    { threadCount: 0 },
    { coreCount: 0 },
  ];
  for (const wanted of wrong)
    assert.throws(
      () => checkOptions({ ...options, ...wanted }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, "ENGINE_OPTION_INVALID");
        assert.match(error.message, new RegExp(Object.keys(wanted)[0]!));
        return true;
      },
    );
});
