import assert from "node:assert/strict";
import { test } from "node:test";
import { invalidBody, invalidValue, modelNotFound } from "./api-error.ts";

test("invalidBody() counts all mistakes and shows the first ones", () => {
  const issues = Array.from({ length: 30 }, (_, index) => ({ path: ["a", index], message: "bad" }));
  const { error } = invalidBody(issues).body;
  assert.equal(error.message.split("\n").length, 11);
  assert.match(error.message, /^30 validation errors:\n {2}body\.a\.0: bad\n/);
  assert.deepEqual([error.type, error.param, error.code], ["Bad Request", "body.a.0", 400]);
});

test("invalidValue() ends with parameter and value, cut where the value is long", () => {
  assert.equal(invalidValue("n", 0, "Bad n.").message, "Bad n. (parameter=n, value=0)");
  assert.ok(invalidValue("n", "x".repeat(1_000), "Bad n.").message.length < 200);
});

test("modelNotFound() is vLLM's 404", () => {
  assert.deepEqual(modelNotFound("gpt").body, {
    error: {
      message: "The model `gpt` does not exist.",
      type: "NotFoundError",
      param: "model",
      code: 404,
    },
  });
});
