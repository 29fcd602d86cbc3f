import assert from "node:assert/strict";
import { test } from "node:test";
import { routerRanks } from "./router-ranks.ts";

const a = "http://127.0.0.1:8100";
const b = "http://127.0.0.1:8101";

test("routerRanks() counts ranks in the order of their flags", () => {
  assert.deepEqual(routerRanks({ vllmPdDisaggregation: false, workerUrls: [b, a] }), [
    { index: 0, url: b, role: "both" },
    { index: 1, url: a, role: "both" },
  ]);
});

test("routerRanks() counts prefill ranks before decode ranks", () => {
  assert.deepEqual(routerRanks({ vllmPdDisaggregation: true, decode: [a], prefill: [b] }), [
    { index: 0, url: b, role: "prefill" },
    { index: 1, url: a, role: "decode" },
  ]);
});

for (const [what, flags, reason] of [
  ["no rank", { vllmPdDisaggregation: false }, /no rank is named: give --worker-urls/],
  ["roles alone", { vllmPdDisaggregation: false, decode: [a] }, /need --vllm-pd-disaggregation/],
  ["no prefill rank", { vllmPdDisaggregation: true, decode: [a] }, /give --prefill once for each/],
  ["no decode rank", { vllmPdDisaggregation: true, prefill: [a] }, /give --decode once for each/],
  [
    "ranks of both kinds",
    { vllmPdDisaggregation: true, prefill: [a], decode: [b], workerUrls: ["http://c:1"] },
    /--worker-urls does not go with/,
  ],
  ["a rank twice", { vllmPdDisaggregation: false, workerUrls: [a, b, a] }, /:8100" is named twice/],
  ["a rank in both roles", { vllmPdDisaggregation: true, prefill: [a], decode: [a] }, /twice/],
] as const) {
  test(`routerRanks() refuses ${what}`, () => {
    assert.throws(() => routerRanks(flags), { code: "COMMAND_INVALID", message: reason });
  });
}
