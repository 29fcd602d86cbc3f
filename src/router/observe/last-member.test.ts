import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../choose/seeded-random.ts";
import { lastMember } from "./last-member.ts";

test("lastMember() finds a member of the object itself, wherever the bytes begin", () => {
  const text = '{"choices":[{"usage":1}],"usage":{"prompt_tokens":5},"metrics":null}';
  for (let start = 0; start <= text.indexOf('"usage":{') - 1; start++) {
    assert.equal(lastMember(Buffer.from(text.slice(start)), "usage"), '{"prompt_tokens":5}');
  }
  for (let start = text.indexOf('"usage":{'); start <= text.length; start++) {
    assert.equal(lastMember(Buffer.from(text.slice(start)), "usage"), undefined);
  }
});

test("lastMember() is not taken in by text and inner objects", () => {
  for (const text of [
    '{"a":"\\"usage\\":{}"}',
    '{"a":"\\\\","b":{"usage":1}}',
    '{"a":["usage"]}',
    '{"a":"usage"}',
    '{"usage\\\\":1}',
    '{"\\"usage":1}',
    '[{"usage":1}]',
    '{"usage":1',
    '{"usage":1}"',
    '{"a":1}{"usage":1',
    "",
    "}",
    '"}',
    '"usage":1}', // A backslash may stand before it.
  ]) {
    assert.equal(lastMember(Buffer.from(text), "usage"), undefined, text);
  }
});

test("lastMember() says what JSON.parse() says of any object, cut anywhere or not at all", () => {
  const random = seededRandom(7);
  let foundCount = 0;
  for (let round = 0; round < 20_000; round++) {
    const value = makeObject(random, 3);
    const text = JSON.stringify(value);
    const bytes = Buffer.from(text);
    const start = random() % 2 === 0 ? 0 : random() % bytes.length;
    const found = lastMember(bytes.subarray(start), "usage");
    if (found === undefined) {
      assert.ok(start > 0 || !("usage" in value), text);
    } else {
      foundCount++;
      assert.equal(found, JSON.stringify(value["usage"]), text);
    }
  }
  assert.ok(foundCount > 1_000, `${foundCount}`);
});

test("lastMember() passes over white space", () => {
  const text = JSON.stringify({ a: [1, { usage: 2 }], usage: { b: 3 }, c: {} }, undefined, "\t");
  const found = lastMember(Buffer.from(`${text}\r\n `), "usage");
  assert.deepEqual(JSON.parse(found!), { b: 3 });
});

test("lastMember() survives any bytes", () => {
  const random = seededRandom(8);
  const alphabet = Buffer.from('{}[]",:\\ usage\n');
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: random() % 40 }, () => alphabet[random() % alphabet.length]!),
    );
    const found = lastMember(Buffer.concat([bytes, Buffer.from("}")]), "usage");
    assert.ok(found === undefined || typeof found === "string");
  }
});

type Json = null | number | string | Json[] | { [name: string]: Json };

const nastyTexts = [
  "usage",
  '"usage":{"prompt_tokens":9}',
  "\\",
  '\\"',
  '"}',
  "a\\\\",
  "é\u2028",
  ",",
  "}",
];

function makeObject(random: () => number, depth: number): { [name: string]: Json } {
  const members = Array.from({ length: random() % 5 }, () => [
    nastyTexts[random() % nastyTexts.length]!,
    makeValue(random, depth),
  ]);
  return Object.fromEntries(members) as { [name: string]: Json };
}

function makeValue(random: () => number, depth: number): Json {
  switch (depth === 0 ? random() % 3 : random() % 5) {
    case 0:
      return null;
    case 1:
      return random() % 1_000;
    case 2:
      return Array.from({ length: random() % 4 }, () => nastyTexts[random() % 9]!).join("");
    case 3:
      return Array.from({ length: random() % 4 }, () => makeValue(random, depth - 1));
    default:
      return makeObject(random, depth - 1);
  }
}
