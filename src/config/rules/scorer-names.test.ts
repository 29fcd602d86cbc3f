import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("scorerNames() knows the scorers of llm-d, in every table", async () => {
  for (const table of ["scorers", "prefill_scorer_overrides", "decode_scorer_overrides"])
    assert.match(
      await reportOf(`--router.type llm-d --router.${table}.quue-scorer 1`),
      /did you mean "queue-scorer"/,
    );
  const { config } = await load("--router.type llm-d --router.scorers.queue-scorer 1.5");
  assert.deepEqual(config.router.type === "llm-d" && config.router.scorers, {
    "queue-scorer": 1.5,
  });
});
