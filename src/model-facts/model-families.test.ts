import assert from "node:assert/strict";
import { test } from "node:test";
import { modelFamilies } from "./model-families.ts";
import { dense, shapeOf } from "./test-support/shape-config.ts";

test("modelFamilies lets every family be read from a config that says the rest", () => {
  for (const model_type of Object.keys(modelFamilies)) {
    const { remarks, attention } = shapeOf({ ...dense, model_type });
    assert.deepEqual(remarks, [], model_type);
    assert.equal(attention.numAttentionHeads, 4);
  }
});

test("modelFamilies fills in what files of Gemma 3 leave out", () => {
  const { num_attention_heads: _, num_key_value_heads: __, vocab_size: ___, ...sizes } = dense;
  const { tie_word_embeddings: ____, ...rest } = sizes;
  const shape = shapeOf({ ...rest, model_type: "gemma3_text" });
  assert.equal(shape.vocabSize, 262_208);
  assert.equal(shape.tieWordEmbeddings, true);
  assert.equal(shape.normsPerLayer, 4);
  assert.deepEqual(shape.attention, {
    kind: "grouped",
    numAttentionHeads: 8,
    numKeyValueHeads: 4,
    headDim: 256,
    qkvBias: false,
    outputBias: false,
    vectorElements: 512,
  });
});

test("modelFamilies is asked for own properties only", () => {
  for (const model_type of ["__proto__", "constructor", "toString"])
    assert.match(shapeOf({ ...dense, model_type }).remarks[0] ?? "", /unknown model_type/);
});
