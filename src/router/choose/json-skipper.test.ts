import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonSkipper } from "./json-skipper.ts";

/** Where the value ends that began before these pieces, counted over all of them; -1 when it goes on. */
function endIn(pieces: readonly string[], kind: "string" | "container"): number {
  const skipper = new JsonSkipper();
  if (kind === "container") skipper.enterContainer();
  let passed = 0;
  for (const piece of pieces) {
    skipper.beginPiece();
    const bytes = Buffer.from(piece, "latin1");
    const end =
      kind === "string" ? skipper.endOfString(bytes, 0) : skipper.endOfContainer(bytes, 0);
    if (end !== -1) return passed + end;
    passed += bytes.length;
  }
  return -1;
}

/** The text in two pieces, cut at every place, and in pieces of one byte. */
function cuts(text: string): string[][] {
  const pairs = text.split("").map((_, at) => [text.slice(0, at), text.slice(at)]);
  return [[text], text.split(""), ...pairs];
}

const far = "x".repeat(100);

test("JsonSkipper.endOfString() finds the quote that no backslash belongs to", () => {
  for (const text of [
    '"',
    'abc"',
    String.raw`\""`,
    String.raw`\\"`,
    String.raw`\\\""`,
    String.raw`${far}\"${far}"`,
    String.raw`${far}\\"`,
    String.raw`${far}\\\"\\\\"`,
    String.raw`${"\\\\".repeat(50)}"`,
  ]) {
    for (const pieces of cuts(text)) {
      assert.equal(endIn([...pieces, '","'], "string"), text.length - 1, JSON.stringify(pieces));
    }
    assert.equal(endIn([text.slice(0, -1)], "string"), -1);
  }
});

test("JsonSkipper.endOfContainer() counts brackets and passes strings", () => {
  for (const text of [
    "]",
    "1,2,3]",
    "[[]],[]]",
    '"]}"]',
    String.raw`"\"]","\\",[{"a":"}"}]]`,
    `${far}[${far}"${far}]"${far}]${far}]`,
    `[${far}]${far}{${far}}${far}]`,
    `"${far}\\"]",${far}]`,
  ]) {
    for (const pieces of cuts(text)) {
      assert.equal(endIn([...pieces, "]}]"], "container"), text.length, JSON.stringify(pieces));
    }
    assert.equal(endIn([text.slice(0, -1)], "container"), -1);
  }
});
