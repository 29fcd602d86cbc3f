import assert from "node:assert/strict";
import { test } from "node:test";
import { errorBody } from "./error-body.ts";

test("errorBody() names the type that belongs to the status", () => {
  assert.deepEqual(errorBody(404, "The model `x` does not exist.", { param: "model" }), {
    error: {
      message: "The model `x` does not exist.",
      type: "NotFoundError",
      param: "model",
      code: 404,
    },
  });
});

test("errorBody() takes a type of the caller's", () => {
  assert.equal(errorBody(400, "x", { type: "Bad Request" }).error.type, "Bad Request");
});

test("errorBody() names a status of HTTP by its phrase", () => {
  assert.equal(errorBody(431, "too long").error.type, "Request Header Fields Too Large");
  assert.equal(errorBody(599, "unheard of").error.type, "InternalServerError");
});
