import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { scanDocument } from "./scan-json.ts";
import { spliceObject } from "./splice-object.ts";

const anyValue = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.array(fc.string()),
  fc.constant({ a: [null] }),
);

function spliced(
  text: string,
  without: readonly string[],
  put: readonly (readonly [string, readonly string[]])[] = [],
): string {
  const bytes = Buffer.from(text);
  const splice = { without: new Set(without), with: put };
  return Buffer.concat(spliceObject(bytes, scanDocument(bytes), splice)).toString();
}

test("spliceObject() keeps what stays byte for byte, blanks between included", () => {
  const text = '{ "a" : 1.0 ,\n"b":"\\u00e4",  "c" :[ 1 ] }';
  assert.equal(spliced(text, []), '{"a" : 1.0 ,\n"b":"\\u00e4",  "c" :[ 1 ]}');
  assert.equal(spliced(text, ["b"]), '{"a" : 1.0,"c" :[ 1 ]}');
  assert.equal(spliced(text, ["a", "b", "c"]), "{}");
  assert.equal(spliced(text, ["a", "c"], [["d", ["[", "2]"]]]), '{"b":"\\u00e4","d":[2]}');
  assert.equal(spliced("{}", ["a"], [["d", ["2"]]]), '{"d":2}');
});

test("spliceObject() takes out a member however often it comes and however its key is written", () => {
  const text = '{"a":1,"x":0,"\\u0061":2,"a":{"a":3},"y":{"a":4}}';
  assert.equal(spliced(text, ["a"]), '{"x":0,"y":{"a":4}}');
});

test("spliceObject() does to the text what deleting and setting does to the value", () => {
  // No key is a lone escape: in texts beyond Latin-1, JSON.parse() of Node.js 24 may take it for a backslash.
  const key = fc.constantFrom("a", "b", "\u00e4", 'b"', "b\n", "");
  const members = fc.array(fc.tuple(key, anyValue), { maxLength: 8 });
  fc.assert(
    fc.property(members, fc.array(key), fc.array(fc.tuple(key, anyValue)), (all, gone, put) => {
      const text = `{${all.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(" , ")}}`;
      const wanted = JSON.parse(text) as Record<string, unknown>;
      for (const name of gone) delete wanted[name];
      for (const [name, value] of put) wanted[name] = JSON.parse(JSON.stringify(value));
      const parts = put.map(([name, value]) => [name, [JSON.stringify(value)]] as const);
      assert.deepEqual(JSON.parse(spliced(text, gone, parts)), wanted);
    }),
  );
});
