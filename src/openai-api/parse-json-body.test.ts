import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  jsonContainersMax,
  jsonDepthMax,
  jsonMembersMax,
  parseJsonBody,
} from "./parse-json-body.ts";

const bytesOf = (text: string) => Buffer.from(text);

function nested(depth: number): string {
  return `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
}

test("parseJsonBody() gives what JSON.parse() gives, for any object", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (object) => {
      const text = JSON.stringify(object);
      assert.deepEqual(parseJsonBody(bytesOf(text)), JSON.parse(text));
    }),
  );
});

test("parseJsonBody() refuses nesting at its limit, and counts no brackets in strings", () => {
  assert.ok(parseJsonBody(bytesOf(nested(jsonDepthMax))));
  assert.throws(() => parseJsonBody(bytesOf(nested(jsonDepthMax + 1))), { status: 400 });
  const brackets = '"\\'.repeat(3) + "[".repeat(1_000);
  assert.deepEqual(parseJsonBody(bytesOf(JSON.stringify({ brackets }))), { brackets });
});

test("parseJsonBody() refuses lists and members past their limits", () => {
  const lists = (count: number) => bytesOf(`{"a":[${"[],".repeat(count - 3)}[]]}`);
  assert.ok(parseJsonBody(lists(jsonContainersMax)));
  assert.throws(() => parseJsonBody(lists(jsonContainersMax + 1)), {
    status: 400,
    message: /lists/,
  });
  const members = (count: number) => bytesOf(`{${'"a":1,'.repeat(count - 1)}"b":":::"}`);
  assert.ok(parseJsonBody(members(jsonMembersMax)));
  assert.throws(() => parseJsonBody(members(jsonMembersMax + 1)), {
    status: 400,
    message: /members/,
  });
});

test("parseJsonBody() refuses 10 MB of brackets", () => {
  assert.throws(() => parseJsonBody(Buffer.alloc(10_000_000, "[")), {
    status: 400,
    message: /nested deeper/,
  });
});

for (const text of ["", "{", "null", "[]", '"x"', "5", "{'a':1}", '{"a":1}x', "\u0000"])
  test(`parseJsonBody() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseJsonBody(bytesOf(text)),
      (error: { status: number; body: { error: unknown } }) => {
        assert.equal(error.status, 400);
        assert.partialDeepStrictEqual(error.body.error, { type: "Bad Request", param: "body" });
        return true;
      },
    );
  });

test("parseJsonBody() refuses bytes that are not UTF-8", () => {
  assert.throws(() => parseJsonBody(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), { status: 400 });
});
