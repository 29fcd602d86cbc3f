import assert from "node:assert/strict";
import { test } from "node:test";
import { minimise } from "./minimise.ts";
import type { Input } from "./reading.ts";

const input: Input = {
  kind: "request",
  text: "GET /a HTTP/1.1\r\nHost: x\r\nX-A: bad\r\n\r\nworse",
  cuts: [3, 30],
  method: "",
  ends: false,
};

test("minimise() leaves nothing that does not matter", () => {
  const least = minimise(input, ({ text }) => /bad.*worse/s.test(text));
  assert.equal(least.text, "badworse");
  assert.deepEqual(least.cuts, []);
});

test("minimise() keeps cuts that matter and moves them with the text", () => {
  const isStill = ({ text, cuts }: Input) => cuts.some((cut) => text.slice(0, cut).endsWith("b"));
  const least = minimise({ ...input, cuts: [3, input.text.indexOf("ad")] }, isStill);
  assert.equal(least.text.slice(0, least.cuts.at(-1)), "b");
});
