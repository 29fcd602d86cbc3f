import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { internalKeys, withoutInternalFields } from "./internal-fields.ts";

function cleaned(text: string): string | undefined {
  const parts = withoutInternalFields(Buffer.from(text));
  return parts === undefined ? undefined : Buffer.concat(parts).toString();
}

const evil = '{"do_remote_prefill":true,"remote_host":"evil"}';

for (const [where, body, wanted] of [
  ["at the top", `{"a" : 1.0,"kv_transfer_params":${evil}}`, '{"a" : 1.0}'],
  ["of the encoder", `{"ec_transfer_params":${evil},"a":1}`, '{"a":1}'],
  [
    "in vllm_xargs",
    `{"vllm_xargs":{"b" :2,"kv_transfer_params":"evil"},"a":1}`,
    '{"a":1,"vllm_xargs":{"b" :2}}',
  ],
  [
    "in extra_args of sampling_params",
    `{"sampling_params":{"n":1,"extra_args":{"kv_transfer_params":${evil},"x":0}},"token_ids":[1]}`,
    '{"token_ids":[1],"sampling_params":{"n":1,"extra_args":{"x":0}}}',
  ],
  ["whose key is escaped", `{"a":1,"kv\\u005ftransf\\u0065r_params":${evil}}`, '{"a":1}'],
  [
    "in a map that comes twice",
    `{"vllm_xargs":{"kv_transfer_params":1},"vllm_xargs":{"c":3}}`,
    '{"vllm_xargs":{"c":3}}',
  ],
  [
    "in a map behind which a value follows under its name",
    `{"vllm_xargs":{"kv_transfer_params":1},"vllm_xargs":null}`,
    '{"vllm_xargs":null}',
  ],
] as const) {
  test(`withoutInternalFields() takes out fields ${where}`, () => {
    assert.equal(cleaned(body), wanted);
  });
}

test("withoutInternalFields() leaves the name alone where it is data", () => {
  for (const body of [
    "{}",
    '{"messages":[{"role":"user","content":"\\"kv_transfer_params\\": {}"}]}',
    '{"tools":[{"kv_transfer_params":{}}]}',
    '{"user":"kv_transfer_params"}',
    '{"vllm_xargs":{"deep":{"kv_transfer_params":1}}}',
    '{"extra_args":{"kv_transfer_params":1}}',
  ])
    assert.equal(cleaned(body), undefined, body);
});

test("withoutInternalFields() refuses what is no JSON object", () => {
  for (const body of ["", "[]", '{"kv_transfer_params":NaN}', '\ufeff{"kv_transfer_params":1}'])
    assert.throws(() => cleaned(body), { name: "JsonFault" });
});

test("withoutInternalFields() does to the text what deleting does to the value", () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.constant([{ a: "\u00e4" }]),
  );
  const keys = fc.constantFrom("a", ...internalKeys);
  const map = fc.oneof(fc.dictionary(keys, leaf, { maxKeys: 3 }), leaf);
  const params = fc.oneof(
    fc.record({ extra_args: map, n: leaf, kv_transfer_params: leaf }, { requiredKeys: [] }),
    leaf,
  );
  const request = fc.record(
    {
      a: leaf,
      kv_transfer_params: map,
      ec_transfer_params: leaf,
      vllm_xargs: map,
      sampling_params: params,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(request, fc.constantFrom("", " ", "\n\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const wanted = JSON.parse(text) as Record<string, Record<string, object>>;
      strip(wanted);
      strip(wanted["vllm_xargs"]);
      strip(wanted["sampling_params"]);
      strip(wanted["sampling_params"]?.["extra_args"]);
      assert.deepEqual(JSON.parse(cleaned(text) ?? text), wanted);
    }),
    { numRuns: 1_000 },
  );
});

function strip(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of internalKeys) delete (value as Record<string, unknown>)[key];
}
