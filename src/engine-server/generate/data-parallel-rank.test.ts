import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { assertRefused } from "../test-support/assert-answer.ts";
import { eventsOf, startTestServer } from "../test-support/start-test-server.ts";
import { dataParallelRankFault } from "./data-parallel-rank.ts";

test("dataParallelRankFault() finds ranks that are not here and ignores what is none", () => {
  for (const header of [undefined, "", "0", " 0 ", "x", "1.5", "0x1"])
    assert.equal(dataParallelRankFault(header), null, header);
  for (const header of ["1", "-1", "99999999999999999999"])
    assert.equal(dataParallelRankFault(header)?.status, 400, header);
});

test("X-data-parallel-rank of another rank is an error, in streams as an event", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("ok") });
  const headers = { "content-type": "application/json", "x-data-parallel-rank": "2" };
  const message = "data_parallel_rank 2 is out of range [0, 1).";
  const body = { prompt: "a" };
  const plain = await post("/v1/completions", body, { headers });
  await assertRefused(plain, 400, { message, type: "BadRequestError" });
  const stream = await post("/v1/completions", { ...body, stream: true }, { headers });
  assert.equal(stream.status, 200);
  const error = { message, type: "BadRequestError", param: null, code: 400 };
  assert.deepEqual(await eventsOf(stream), [{ error }]);
  assert.equal(engine.submitted.length, 0);
});
