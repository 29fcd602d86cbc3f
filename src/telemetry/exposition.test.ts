import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLabels, writeExposition } from "./exposition.ts";

test("writeExposition() writes every number that there is", () => {
  const samples = [Infinity, -Infinity, Number.NaN, 0, -1.5, 1e21].map(
    (value, index) => [`n="${index}"`, value] as const,
  );
  const load = { name: "load", help: "Load", type: "gauge", merge: "sum", buckets: [] } as const;
  const numbers = ["+Inf", "-Inf", "NaN", "0", "-1.5", "1e+21"];
  const lines = numbers.map((number, index) => `load{n="${index}"} ${number}\n`).join("");
  const head = "# HELP load Load\n# TYPE load gauge\n";
  assert.equal(writeExposition([{ ...load, samples }]), head + lines);
  assert.equal(writeExposition([{ ...load, samples: [] }]), head);
});

test("formatLabels() escapes what would end a label", () => {
  assert.equal(formatLabels({ a: 'x"y', b: "x\\y\nz", c: "" }), 'a="x\\"y",b="x\\\\y\\nz",c=""');
  assert.equal(formatLabels({}), "");
});
