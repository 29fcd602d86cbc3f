import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  countElements,
  jsonDepthMax,
  JsonFault,
  jsonMembersMax,
  scanDocument,
  scanObject,
} from "./scan-json.ts";

/** What the scanner sees, built into a value: the last of doubled keys counts. */
function readBack(bytes: Buffer): Record<string, unknown> {
  const entries = scanDocument(bytes).members.map(({ key, valueStart, valueEnd }) => [
    key,
    JSON.parse(bytes.toString("utf8", valueStart, valueEnd)) as unknown,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** In texts beyond Latin-1, JSON.parse() of Node.js 24 may take a key of one escape for a backslash. */
const loneEscape = /"\\(?:u[0-9A-Fa-f]{4}|.)"\s*:/;

const anyObject = fc
  .dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue())
  .filter((object) => !loneEscape.test(JSON.stringify(object)));
const indents = fc.constantFrom("", " ", "\t", "\n  ", "\r\n");

test("scanDocument() finds the members that JSON.parse() finds, whatever the blanks", () => {
  fc.assert(
    fc.property(anyObject, indents, (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const bytes = Buffer.from(`${indent.trimStart()} ${text}\n`);
      assert.deepEqual(readBack(bytes), JSON.parse(text));
    }),
  );
});

/** Texts that are nearly JSON: right ones with a few characters put in, taken out or changed. */
const nearlyJson = fc
  .tuple(
    anyObject,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(...'{}[]",:\\u09-+.eE tfn\n\u0000\u00e4x/'.split("")),
        fc.nat({ max: 2 }),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([object, changes]) => {
    let text = JSON.stringify(object);
    for (const [place, character, removed] of changes) {
      const at = place % (text.length + 1);
      text = text.slice(0, at) + character + text.slice(at + removed);
    }
    return text;
  });

test("scanDocument() takes exactly the texts that JSON.parse() takes for an object", () => {
  let takenCount = 0;
  let refusedCount = 0;
  fc.assert(
    fc.property(nearlyJson, (text) => {
      fc.pre(!loneEscape.test(text));
      const bytes = Buffer.from(text);
      const wanted = parseObject(bytes.toString());
      if (wanted === undefined) {
        refusedCount++;
        assert.throws(() => scanDocument(bytes), JsonFault, text);
      } else {
        takenCount++;
        assert.deepEqual(readBack(bytes), wanted);
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(takenCount > 100 && refusedCount > 100, `${takenCount} and ${refusedCount}`);
});

function parseObject(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value : undefined;
  } catch {
    return undefined; // No JSON.
  }
}

for (const [what, text] of [
  ["nothing", ""],
  ["an array", "[]"],
  ["a text", '"{}"'],
  ["a byte order mark", "\ufeff{}"],
  ["two objects", "{}{}"],
  ["a comma at the end", '{"a":1,}'],
  ["a value without end", '{"a":"b'],
  ["an escape without end", '{"a":"\\u00'],
  ["a line feed in a text", '{"a":"\n"}'],
  ["an unknown escape", '{"a":"\\x"}'],
  ["a number with a leading zero", '{"a":01}'],
  ["a number without digits", '{"a":-}'],
  ["NaN", '{"a":NaN}'],
  ["a comment", '{/**/"a":1}'],
  ["brackets that do not match", '{"a":[}]}'],
] as const) {
  test(`scanDocument() refuses ${what}`, () => {
    assert.throws(() => scanDocument(Buffer.from(text)), {
      name: "JsonFault",
      message: /at byte \d/,
    });
  });
}

test("scanDocument() reads keys that are written with escapes and keeps doubled ones apart", () => {
  const text = '{"\\u006bey":1,"key":2,"\\"\\ud83d\\ude00":3}';
  const { members } = scanDocument(Buffer.from(text));
  assert.deepEqual(
    members.map(({ key }) => key),
    ["key", "key", '"\u{1f600}'],
  );
});

test("scanDocument() takes bytes of UTF-16 for no JSON", () => {
  assert.throws(() => scanDocument(Buffer.from('{"a":1}', "utf16le")), JsonFault);
});

test("scanDocument() takes values down to its depth and no deeper, without a deep stack", () => {
  const nested = (depth: number) => Buffer.from(`{"a":${"[".repeat(depth)}1${"]".repeat(depth)}}`);
  assert.equal(scanDocument(nested(jsonDepthMax)).members.length, 1);
  assert.throws(() => scanDocument(nested(jsonDepthMax + 1)), /nests deeper than 256/);
  assert.throws(() => scanDocument(Buffer.from(`{"a":${"[".repeat(1_000_000)}`)), /nests deeper/);
});

test("scanObject() takes objects up to its number of members and no larger", () => {
  const wide = (count: number) =>
    Buffer.from(`{${Array.from({ length: count }, () => '"a":1').join(",")}}`);
  assert.equal(scanObject(wide(jsonMembersMax), 0).members.length, jsonMembersMax);
  assert.throws(() => scanObject(wide(jsonMembersMax + 1), 0), /more than 1024 fields/);
});

test("countElements() counts no further than it is asked to", () => {
  const count = (text: string) => countElements(Buffer.from(text), 0, 2);
  assert.deepEqual(["[]", "[ ]", "[1]", '["a", [2]]', "[1,2,3]"].map(count), [0, 0, 1, 2, 2]);
});
