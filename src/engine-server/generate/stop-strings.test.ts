import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { StopScanner, StopStrings } from "./stop-strings.ts";

interface Outcome {
  readonly text: string;
  readonly matched: string | null;
}

function scan(pieces: readonly string[], stops: readonly string[], includeStop = false): Outcome {
  const scanner = new StopScanner(new StopStrings(stops), { includeStop });
  let text = "";
  for (const piece of pieces) {
    const scanned = scanner.push(piece, { mayStop: true });
    text += scanned.text;
    if (scanned.matched !== null) return { text, matched: scanned.matched };
  }
  return { text: text + scanner.flush(), matched: null };
}

/** The same, looked up in the whole text: the match that ends first, then the first of the list. */
function cut(text: string, stops: readonly string[], includeStop: boolean): Outcome {
  for (let end = 1; end <= text.length; end++) {
    const matched = stops.find((stop) => text.slice(0, end).endsWith(stop));
    if (matched !== undefined)
      return { text: text.slice(0, includeStop ? end : end - matched.length), matched };
  }
  return { text, matched: null };
}

/** Few letters, so that stop strings occur, overlap and nest. */
const letters = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength });
const stopStrings = fc.array(
  letters(5).filter((stop) => stop !== ""),
  { maxLength: 4 },
);

test("StopScanner cuts like a search of the whole text, however the text comes", () => {
  fc.assert(
    fc.property(
      fc.array(letters(6), { maxLength: 12 }),
      stopStrings,
      fc.boolean(),
      (pieces, stops, include) => {
        assert.deepEqual(scan(pieces, stops, include), cut(pieces.join(""), stops, include));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("StopScanner never gives out text that a stop string could still claim", () => {
  fc.assert(
    fc.property(letters(30), stopStrings, (text, stops) => {
      const scanner = new StopScanner(new StopStrings(stops), { includeStop: false });
      let shown = "";
      for (const character of text) {
        const scanned = scanner.push(character, { mayStop: true });
        shown += scanned.text;
        if (scanned.matched !== null) break;
      }
      const whole = cut(text, stops, false);
      assert.ok(whole.text.startsWith(shown));
    }),
  );
});

test("StopScanner gives out all text at once where no stop string can begin", () => {
  const scanner = new StopScanner(new StopStrings(["END"]), { includeStop: false });
  assert.equal(scanner.push("hello E", { mayStop: true }).text, "hello ");
  assert.equal(scanner.push("nd", { mayStop: true }).text, "End");
});

test("StopScanner finds a stop string across three pieces and cuts before it", () => {
  assert.deepEqual(scan(["one S", "TO", "P two"], ["STOP"]), { text: "one ", matched: "STOP" });
  assert.deepEqual(scan(["one S", "TO", "P two"], ["STOP"], true), {
    text: "one STOP",
    matched: "STOP",
  });
});

test("StopScanner lets matches pass that end before it may stop", () => {
  const scanner = new StopScanner(new StopStrings(["ab"]), { includeStop: false });
  assert.deepEqual(scanner.push("ab a", { mayStop: false }), { text: "ab ", matched: null });
  assert.deepEqual(scanner.push("b", { mayStop: true }), { text: "", matched: "ab" });
});

test("StopScanner does not stop at a match that ended before it may stop", () => {
  const scanner = new StopScanner(new StopStrings(["b", "abc"]), { includeStop: false });
  assert.deepEqual(scanner.push("ab", { mayStop: false }), { text: "", matched: null });
  assert.deepEqual(scanner.push("x", { mayStop: true }), { text: "abx", matched: null });
});
