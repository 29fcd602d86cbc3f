import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { withoutInternalFields } from "../handoff/internal-fields.ts";
import { FieldGuard } from "./field-guard.ts";

/** What a guard says of these bytes where they come in pieces that end at these places. */
function judge(bytes: Buffer, cuts: readonly number[] = []): "clean" | "suspicious" {
  const guard = new FieldGuard({ isJson: true });
  const ends = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    // A copy that is overwritten afterwards, as the buffer of a socket is.
    const piece = Buffer.from(bytes.subarray(start, end));
    const verdict = guard.push(piece);
    piece.fill(0x20);
    if (verdict === "suspicious") return verdict;
    start = end;
  }
  return "clean";
}

function everywhere(text: string | Buffer): ReadonlySet<string> {
  const bytes = Buffer.from(text);
  const verdicts = new Set([judge(bytes), judge(bytes, Array.from(bytes.keys()))]);
  for (let cut = 0; cut <= bytes.length; cut++) verdicts.add(judge(bytes, [cut]));
  return verdicts;
}

const long = "x".repeat(200);

for (const [what, body] of [
  ["a field", '{"kv_transfer_params":{}}'],
  ["a field of the encoder", '{"ec_transfer_params":{}}'],
  [
    "a field deep in a long body",
    `{"a":"${long}","vllm_xargs":{"kv_transfer_params":1},"b":"${long}"}`,
  ],
  ["an escaped underscore", '{"kv\\u005Ftransfer_params":1}'],
  ["an escaped first letter", '{"\\u006bv_transfer_params":1}'],
  ["two escapes in a row", '{"\\u006b\\u0076_transfer_params":1}'],
  ["an escape behind long text", `{"a":"${long}","ec_transfer_param\\u0073":1,"b":"${long}"}`],
  ["UTF-16", Buffer.from('{"kv_transfer_params":1}', "utf16le")],
  ["UTF-16 with a mark", Buffer.from('\ufeff{"kv_transfer_params":1}', "utf16le")],
  ["UTF-16 in the other order", Buffer.from('{"kv_transfer_params":1}', "utf16le").swap16()],
] as const) {
  test(`FieldGuard suspects ${what}, wherever it is cut`, () => {
    assert.deepEqual([...everywhere(body)], ["suspicious"]);
  });
}

for (const [what, body] of [
  ["nothing", ""],
  ["a name in the text of a prompt", `{"prompt":"${long} {\\"kv_transfer_params\\": {}}"}`],
  ["a name without its quotes", `{"prompt":"the field kv_transfer_params of${long}"}`],
  ["a longer name", '{"my_kv_transfer_params":1,"kv_transfer_params_x":1}'],
  ["escapes of other characters", `{"prompt":"caf\\u00e9 \\u003c\\u0060\\u4e2d\\u0000${long}"}`],
  ["the text of an escape", `{"prompt":"${long}[\\\\u0061-\\\\u007a] \\\\\\\\u005f"}`],
  ["a mark of UTF-8", '\ufeff{"a":1}'],
] as const) {
  test(`FieldGuard passes ${what}, wherever it is cut`, () => {
    assert.deepEqual([...everywhere(body)], ["clean"]);
  });
}

test("FieldGuard suspects a name with any one of its letters escaped, in digits of either case", () => {
  for (const name of ["kv_transfer_params", "ec_transfer_params"]) {
    for (let at = 0; at < name.length; at++) {
      for (const escape of [escapeOf(name[at]!), escapeOf(name[at]!).replace(/..$/, upperCase)]) {
        const body = `{"${name.slice(0, at)}${escape}${name.slice(at + 1)}":1}`;
        assert.deepEqual(Object.keys(JSON.parse(body) as object), [name]);
        assert.equal(judge(Buffer.from(body)), "suspicious", body);
      }
    }
  }
});

function upperCase(text: string): string {
  return text.toUpperCase();
}

test("FieldGuard lets what does not say that it is JSON begin with any bytes", () => {
  const guard = new FieldGuard({ isJson: false });
  assert.equal(guard.push(Buffer.from([0, 0xff, 0xfe])), "clean");
  assert.equal(guard.push(Buffer.from('{"kv_transfer_params":1}')), "suspicious");
});

/** JSON texts in which internal fields hide, where texts and keys may be escaped in every way. */
const anyText = fc.oneof(
  fc.constantFrom(
    "kv_transfer_params",
    "ec_transfer_params",
    '"kv_transfer_params"',
    "\\u006b",
    "a",
  ),
  fc.string({ unit: "grapheme" }),
);
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.integer(),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("map"),
  ),
  map: fc.dictionary(
    fc.oneof(fc.constantFrom("vllm_xargs", "sampling_params", "extra_args"), anyText),
    tie("value"),
    { maxKeys: 4 },
  ),
})).map;

test("FieldGuard suspects every body that has an internal field, whatever is escaped and cut", () => {
  let dirtyCount = 0;
  let cleanCount = 0;
  const escapes = fc.infiniteStream(fc.nat({ max: 7 }));
  const cuts = fc.array(fc.nat(), { maxLength: 6 });
  fc.assert(
    fc.property(anyValue, escapes, cuts, (value, dice, places) => {
      const text = JSON.stringify(value).replaceAll(
        /(?<!\\)[a-z_](?=[^"]*")/g,
        (letter, at: number, all: string) =>
          all[at - 1] !== "\\" && isInString(all, at) && dice.next().value === 0
            ? escapeOf(letter)
            : letter,
      );
      const bytes = Buffer.from(text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      const isDirty = withoutInternalFields(bytes) !== undefined;
      if (isDirty) dirtyCount++;
      else cleanCount++;
      if (isDirty) assert.equal(judge(bytes, places), "suspicious", text);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(dirtyCount > 100 && cleanCount > 100, `${dirtyCount} and ${cleanCount}`);
});

/** Whether this place of a JSON text is in a string, where a letter may be escaped, and not within an escape. */
function isInString(text: string, at: number): boolean {
  const before = text.slice(0, at).replaceAll(/\\(?:u[0-9a-f]{4}|.)/g, "__");
  if (/\\u?[0-9a-f]{0,3}$/.test(before)) return false;
  return before.split('"').length % 2 === 0;
}

function escapeOf(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`;
}
