import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.ts";
import { explain } from "./differences.ts";
import { fuzz } from "./fuzz.ts";
import { generate } from "./generate.ts";
import { readAsNode } from "./node-parser.ts";
import { readAsPenstock } from "./penstock-parser.ts";
import type { Input, Message, Reading } from "./reading.ts";

test("parseRequestHead(), parseResponseHead() and ChunkedBody differ from Node only in listed ways", () => {
  const tally = fuzz({ seed: 1, from: 0, count: 20_000 });
  assert.deepEqual(tally.findings, [], "npm run fuzz:http -- --seed 1 --input NUMBER shows one");
  assert.equal(tally.inputCount, 20_000);
  // Inputs that nobody takes would find nothing.
  assert.ok(tally.takenCount > 6_000, `only ${tally.takenCount} inputs were taken by both`);
});

test("generate() gives the same input for the same seed and number, and others for others", () => {
  assert.deepEqual(generate(5, 17), generate(5, 17));
  const texts = Array.from({ length: 100 }, (_, number) => generate(5, number).text);
  assert.ok(new Set(texts).size > 90);
  assert.notDeepEqual(texts[0], generate(6, 0).text);
});

test("generate() makes every kind of message, whole and in pieces", () => {
  const inputs = Array.from({ length: 2_000 }, (_, number) => generate(9, number));
  const kinds: readonly ((input: Input) => boolean)[] = [
    ({ kind }) => kind === "request",
    ({ kind, method }) => kind === "response" && method === "HEAD",
    ({ ends }) => ends,
    ({ cuts }) => cuts.length > 20,
    ({ text }) => /HTTP\/1.1 1\d\d/.test(text),
    ({ text }) => text.split(/ HTTP\/1\.[01]\r\n/).length > 2,
    ({ text }) => /\r\n0\r\nx-t:/i.test(text),
  ];
  for (const kind of kinds) assert.ok(inputs.some(kind), `no input is ${kind.toString()}`);
});

/** Mistakes that a parser could make, and what they would change in its reading. */
const mistakes: Readonly<Record<string, (message: Message) => Message>> = {
  "another method": (message) => ({ ...message, method: `X${message.method}` }),
  "another target": (message) => ({ ...message, target: `${message.target}x` }),
  "another status": (message) => ({ ...message, status: message.status + 1 }),
  "another version": (message) => ({ ...message, version: "1.0x" }),
  "a header more": (message) => ({ ...message, fields: [...message.fields, "x", "y"] }),
  "a body of another length": (message) => ({ ...message, body: `${message.body}x` }),
  "a connection that is not kept": (message) => ({ ...message, keepsAlive: !message.keepsAlive }),
  "trailers that were headers": (message) => ({ ...message, trailers: ["x", "y"] }),
  "a message without its end": (message) => ({ ...message, isComplete: !message.isComplete }),
};

for (const [name, mistake] of Object.entries(mistakes)) {
  test(`compare() finds ${name}`, () => {
    const input = generate(1, 0);
    const whole = { ...input, text: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", cuts: [] };
    const ours = readAsPenstock({ ...whole, kind: "request" });
    const theirs = readAsNode({ ...whole, kind: "request" });
    assert.equal(compare(ours, theirs), undefined);
    const wrong: Reading = { ...ours, messages: ours.messages.map(mistake) };
    const divergence = compare(wrong, theirs);
    assert.ok(divergence !== undefined);
    assert.equal(explain(divergence, whole), undefined);
  });
}

test("compare() finds a message more, a message less and a refusal of what is right", () => {
  const text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
  const input: Input = { kind: "request", text, cuts: [], method: "", ends: false };
  const right = readAsPenstock(input);
  const [first] = right.messages;
  const less: Reading = { ...right, messages: [first!] };
  const refused: Reading = { ...less, end: "refused", why: "400 no reason" };
  for (const wrong of [less, refused, { ...right, end: "over" as const }]) {
    for (const pair of [
      [wrong, right],
      [right, wrong],
    ] as const) {
      const divergence = compare(...pair);
      assert.ok(divergence !== undefined);
      assert.equal(explain(divergence, input), undefined);
    }
  }
});
