import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, dense, shapeOf } from "./test-support/shape-config.ts";

const quantized = (quantization_config: object) => shapeOf({ ...dense, quantization_config });

test("readQuantizationShape() counts scales with the bits of a weight", () => {
  const bits = (config: object) => quantized(config).quantization?.bitsPerWeight;
  assert.equal(bits({ quant_method: "fp8" }), 8);
  assert.equal(bits({ quant_method: "fp8", weight_block_size: [128, 128] }), 8 + 32 / 16_384);
  assert.equal(bits({ quant_method: "awq", bits: 4, group_size: 128 }), 4 + 20 / 128);
  assert.equal(bits({ quant_method: "gptq", bits: 8, group_size: -1 }), 8);
  assert.equal(bits({ quant_method: "mxfp4" }), 4.25);
  assert.equal(bits({ quant_method: "bitsandbytes", load_in_8bit: true }), 8);
  assert.equal(bits({ quant_method: "modelopt", quant_algo: "NVFP4" }), 4.5);
  const weights = { num_bits: 4, type: "int", group_size: 32 };
  const config_groups = { group_0: { weights } };
  assert.equal(bits({ quant_method: "compressed-tensors", config_groups }), 4.5);
});

test("readQuantizationShape() knows what is computed in FP8, and which scales belong to tiles", () => {
  const fp8 = quantized({ quant_method: "fp8", weight_block_size: [64, 128] }).quantization;
  assert.equal(fp8?.isFp8, true);
  assert.deepEqual(fp8?.tile, [64, 128]);
  assert.equal(quantized({ quant_method: "awq", bits: 4 }).quantization?.isFp8, false);
  assert.equal(quantized({ quant_method: "mxfp4" }).quantization?.covers, "experts");
});

test("readQuantizationShape() tells of a kind that it does not know", () => {
  for (const config of [{ quant_method: "aqlm" }, { quant_method: "compressed-tensors" }]) {
    const { quantization, remarks } = quantized(config);
    assert.equal(quantization, null);
    assert.match(remarks.join(), /quantization_config is of an unknown kind/);
  }
});

test("readQuantizationShape() refuses a config that says nothing", () => {
  const refuse = (quantization_config: unknown, pattern: RegExp) =>
    assertRefused({ ...dense, quantization_config }, pattern);
  refuse({}, /"quantization_config\.quant_method" is absent/);
  refuse("fp8", /"quantization_config" is "fp8", it must be an object/);
  refuse({ quant_method: "awq" }, /"quantization_config\.bits" is absent/);
  refuse({ quant_method: "fp8", weight_block_size: [128] }, /a list of 2 positive numbers/);
});
