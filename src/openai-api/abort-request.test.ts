import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAbortRequest } from "./abort-request.ts";
import { abortIdsMax } from "./limits.ts";

test("parseAbortRequest() takes ids up to its limit, none too, and wants the key", () => {
  const request_ids = Array.from({ length: abortIdsMax }, (_, index) => `${index}`);
  assert.deepEqual(parseAbortRequest({ request_ids }), request_ids);
  assert.deepEqual(parseAbortRequest({ request_ids: [] }), []);
  assert.throws(() => parseAbortRequest({ request_ids: [...request_ids, "x"] }), { status: 400 });
  assert.throws(() => parseAbortRequest({}), { message: /Missing 'request_ids'/ });
  assert.throws(() => parseAbortRequest({ request_ids: [1] }), { status: 400 });
});
