import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BodySessionKey, valueBytesMax } from "./body-session-key.ts";

const plenty = 1_048_576;

/** What it says of these pieces, and that it keeps none of them: each is gone when the next comes. */
function read(pieces: readonly Uint8Array[], byteCountMax = plenty): string | undefined {
  const reader = new BodySessionKey({ byteCountMax, sessionHeader: "x-session-id" });
  for (const piece of pieces) {
    const lent = Buffer.from(piece);
    reader.push(lent);
    lent.fill("#");
  }
  reader.end();
  assert.equal(reader.isDecided, true);
  return reader.key;
}

function readText(text: string, byteCountMax?: number): string | undefined {
  return read([Buffer.from(text)], byteCountMax);
}

test("BodySessionKey reads the body's own fields, best first, wherever they stand", () => {
  for (const [text, wanted] of [
    ['{"model":"m","user":"u"}', "x-user-id:u"],
    ['{"user_id":"a","session_id":"s"}', "x-session-id:s"],
    ['{"session_id":"s","user":"u"}', "x-user-id:u"],
    ['{"user":"u","session_params":{"x":[1],"session_id":"p"}}', "x-session-id:p"],
    [' {\n"user" : "u" ,\t"n" : -1.5e+3 } ', "x-user-id:u"],
    ['{"user":"","user_id":"b"}', "x-user-id:b"],
    ['{"user":null,"user_id":"b"}', "x-user-id:b"],
    ['{"session_params":{},"user":"u"}', "x-user-id:u"],
    ['{"session_params":"user","user":"u"}', "x-user-id:u"],
    ["{}", undefined],
  ] as const) {
    assert.equal(readText(text), wanted, text);
  }
});

test("BodySessionKey finds nothing in prompts, nested values and values of other fields", () => {
  const inner = '{"user":"evil","session_params":{"session_id":"evil"}}';
  for (const text of [
    JSON.stringify({ prompt: inner }),
    JSON.stringify({ messages: [{ role: "user", content: `","user":"evil","x":"` }] }),
    `{"metadata":${inner},"messages":[${inner}]}`,
    '{"session_params":{"deep":{"session_id":"evil"},"user":"evil"}}',
    `[${inner}]`,
    '"user"',
  ]) {
    assert.equal(readText(text), undefined, text);
  }
});

test("BodySessionKey reads names and values with escapes, and values as the bytes that a header would have", () => {
  assert.equal(readText(String.raw`{"us\u0065r":"a\u00fc\n\"b"}`), 'x-user-id:a\u00c3\u00bc\n"b');
  assert.equal(readText('{"user":"ü"}'), "x-user-id:\u00c3\u00bc");
  assert.equal(readText(String.raw`{"prompt":"\\","user":"u"}`), "x-user-id:u");
  assert.equal(readText(String.raw`{"user\\":"x"}`), undefined);
});

test("BodySessionKey takes whole numbers and no other values", () => {
  assert.equal(readText('{"user":12}'), "x-user-id:12");
  assert.equal(readText('{"user":-9007199254740993,"x":1}'), "x-user-id:-9007199254740993");
  for (const value of ["1.5", "1e3", "true", "null", "[1]", '["u"]', '{"user":"x"}']) {
    assert.equal(readText(`{"user":${value}}`), undefined, value);
  }
});

test("BodySessionKey takes the last of fields with the same name, as readers of the whole body do", () => {
  assert.equal(readText('{"user":"a","user":"b"}'), "x-user-id:b");
  assert.equal(readText('{"user":"a","user":null}'), undefined);
  assert.equal(
    readText('{"session_params":{"session_id":"a"},"session_params":1,"user":"u"}'),
    "x-user-id:u",
  );
});

test("BodySessionKey finds no key in what is no JSON", () => {
  for (const text of [
    "",
    '{"user":"u"',
    '{"user":"u",}',
    '{"user":"u";"x":1}',
    '{"user" "u"}',
    '{user:"u"}',
    '{"user":"u","x":}',
    '{"user":"u","x":01}',
    '{"user":"u","x":nul}',
    '{"user":"u","x":1]}',
    String.raw`{"user":"u","\x":1}`,
    String.raw`{"user":"\x"}`,
    '{"user":"a\nb"}',
    '\uFEFF{"user":"u"}',
    'data: {"user":"u"}',
  ]) {
    assert.equal(readText(text), undefined, JSON.stringify(text));
  }
});

test("BodySessionKey is decided where the body's object ends", () => {
  const reader = new BodySessionKey({ byteCountMax: plenty, sessionHeader: "x-mine" });
  assert.equal(reader.push(Buffer.from('{"session_id":"s"')), false);
  assert.equal(reader.push(Buffer.alloc(0)), false);
  assert.equal(reader.push(Buffer.from("}")), true);
  assert.equal(reader.push(Buffer.from('{"user":"u"}')), true);
  assert.equal(reader.key, "x-mine:s");
});

test("BodySessionKey looks at byteCountMax bytes and goes by what it found there", () => {
  const text = '{"user":"u","prompt":"long","session_params":{"session_id":"s"}}';
  assert.equal(readText(text, text.length), "x-session-id:s");
  for (let byteCountMax = 0; byteCountMax < text.length - 2; byteCountMax++) {
    const wanted = byteCountMax < '{"user":"u"'.length ? undefined : "x-user-id:u";
    assert.equal(readText(text, byteCountMax), wanted, String(byteCountMax));
    const bytes = Buffer.from(text);
    const pieces = [bytes.subarray(0, 9), bytes.subarray(9, 30), bytes.subarray(30)];
    assert.equal(read(pieces, byteCountMax), wanted, String(byteCountMax));
  }
});

test("BodySessionKey takes values of up to valueBytesMax bytes", () => {
  const longest = "v".repeat(valueBytesMax);
  assert.equal(readText(`{"user":"${longest}","user_id":"b"}`), `x-user-id:${longest}`);
  assert.equal(readText(`{"user":"${longest}v","user_id":"b"}`), "x-user-id:b");
  assert.equal(readText(`{"user":"\\n${longest}","user_id":"b"}`), "x-user-id:b");
  const endless = "e".repeat(100_000);
  assert.equal(readText(`{"${endless}":1,"user":"u","x":${"1".repeat(5_000)}}`), "x-user-id:u");
  assert.equal(readText(`{"user":"${endless}","user_id":"b"}`), "x-user-id:b");
});

test("BodySessionKey passes values that nest a million deep", () => {
  const depth = 1_000_000;
  const text = `{"x":${"[".repeat(depth)}${"]".repeat(depth)},"user":"u"}`;
  assert.equal(readText(text, 3 * depth), "x-user-id:u");
});

/** What a reader of the whole text takes for the session. */
function expectedOf(text: string): string | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const body = value as Record<string, unknown>;
  const params = body["session_params"];
  const inParams =
    typeof params === "object" && params !== null && !Array.isArray(params)
      ? (params as Record<string, unknown>)["session_id"]
      : undefined;
  const candidates = [
    ["x-session-id", inParams],
    ["x-user-id", body["user"]],
    ["x-session-id", body["session_id"]],
    ["x-user-id", body["user_id"]],
  ] as const;
  for (const [header, candidate] of candidates) {
    const name = nameOf(candidate);
    if (name !== "") return `${header}:${name}`;
  }
  return undefined;
}

function nameOf(value: unknown): string {
  const isInteger = typeof value === "number" && /^-?\d+$/.test(JSON.stringify(value));
  if (isInteger) return String(value);
  if (typeof value !== "string") return "";
  const bytes = Buffer.from(value);
  return bytes.length > valueBytesMax ? "" : bytes.toString("latin1");
}

const anyName = fc.oneof(
  fc.constantFrom("user", "session_id", "user_id", "session_params", "model", "prompt"),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^["\\{}[\],:u]*$/),
  fc.integer({ min: 240, max: 270 }).map((length) => "é".repeat(length / 2)),
  fc.nat({ max: 5_000 }).map((length) => "t".repeat(length)),
);
const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      anyText.map((text) => JSON.stringify(text)),
      anyText.map((text) => escapeAll(text)),
      fc.integer().map(String),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
      fc.constantFrom("true", "false", "null", "[]", "{}", " [ ] "),
      fc.array(fc.nat({ max: 150_000 }), { maxLength: 100 }).map((ids) => JSON.stringify(ids)),
    ),
    fc.array(tie("value"), { maxLength: 4 }).map((values) => `[${values.join(" ,")}]`),
    anyObject(tie("value")),
  ),
}));
const anyDocument = fc.oneof({ weight: 9, arbitrary: anyObject(anyValue) }, anyValue);

function anyObject(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const name = fc.tuple(anyName, fc.boolean()).map(([text, isEscaped]) => {
    return isEscaped ? escapeAll(text) : JSON.stringify(text);
  });
  const blank = fc.constantFrom("", "", " ", "\r\n\t");
  const member = fc.tuple(blank, name, blank, value).map(([a, key, b, one]) => {
    return `${a}${key}${b}:${a}${one}${b}`;
  });
  return fc.array(member, { maxLength: 6 }).map((members) => `{${members.join(",")}}`);
}

function escapeAll(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => String.raw`\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
}

const anyCuts = fc.array(fc.nat(), { maxLength: 8 });

test("BodySessionKey says of any JSON in any pieces what a reader of the whole takes for the session", () => {
  fc.assert(
    fc.property(anyDocument, anyCuts, (text, cuts) => {
      const wanted = expectedOf(text);
      assert.equal(readText(text), wanted);
      assert.equal(read(cut(Buffer.from(text), cuts)), wanted);
    }),
    { numRuns: 1_000 },
  );
});

test("BodySessionKey says the same of any bytes however they are cut, byte by byte too, and never throws", () => {
  const anyDamage = fc.record({
    text: anyDocument,
    at: fc.nat(),
    removed: fc.nat({ max: 3 }),
    put: fc.uint8Array({ maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      anyDamage,
      anyCuts,
      fc.nat({ max: 400 }),
      ({ text, at, removed, put }, cuts, max) => {
        const whole = Buffer.from(text);
        const place = at % (whole.length + 1);
        const bytes = Buffer.concat([
          whole.subarray(0, place),
          put,
          whole.subarray(place + removed),
        ]);
        const wanted = read([bytes], max);
        assert.equal(read(cut(bytes, cuts), max), wanted);
        assert.equal(
          read(
            [...bytes].map((byte) => Uint8Array.of(byte)),
            max,
          ),
          wanted,
        );
      },
    ),
    { numRuns: 200 },
  );
});
