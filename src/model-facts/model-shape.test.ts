import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { isPenstockError } from "../errors/mod.ts";
import { readModelShape } from "./model-shape.ts";
import { assertRefused, dense, latent, shapeOf, sparse } from "./test-support/shape-config.ts";

test("parseModelShape() reads a decoder that says all of itself, without a remark", () => {
  const shape = shapeOf(dense);
  assert.deepEqual(shape.remarks, []);
  assert.equal(shape.architecture, "LlamaForCausalLM");
  assert.equal(shape.dtype, "bfloat16");
  assert.deepEqual(shape.mlp, { intermediateSize: 96, matrices: 3, hasBias: false });
  assert(Object.isFrozen(shape));
});

test("parseModelShape() says what it assumes and leaves out", () => {
  const remarks = (change: object) => shapeOf({ ...dense, ...change }).remarks.join();
  assert.match(remarks({ model_type: "brand_new" }), /"brand_new" is an unknown model_type/);
  assert.match(remarks({ model_type: undefined }), /names no model_type/);
  assert.match(remarks({ torch_dtype: undefined }), /bfloat16 is assumed/);
  assert.match(remarks({ vision_config: {} }), /language part/);
  assert.match(remarks({ num_nextn_predict_layers: 1 }), /multi-token prediction/);
  assert.equal(remarks({ num_nextn_predict_layers: 0 }), "");
  const layer_types = ["linear_attention", "mamba", "full_attention", "full_attention"];
  assert.match(remarks({ layer_types }), /^2 layers keep a state/);
});

test("parseModelShape() takes the older names of GPT-2 and its kin", () => {
  const shape = shapeOf({ n_embd: 64, n_layer: 2, n_head: 4, n_inner: 256, vocab_size: 100 });
  assert.equal(shape.hiddenSize, 64);
  assert.equal(shape.mlp.intermediateSize, 256);
  assert.equal(shape.maxPositionEmbeddings, null);
  assert.equal(shape.architecture, "unknown");
});

test("parseModelShape() reads the dtype under both names, with and without the module", () => {
  const dtype = (change: object) => shapeOf({ ...dense, torch_dtype: null, ...change }).dtype;
  assert.equal(dtype({ torch_dtype: "torch.float16" }), "float16");
  assert.equal(dtype({ dtype: "float32" }), "float32");
  assert.equal(dtype({ dtype: "float8_e4m3fn" }), "bfloat16");
});

test("parseModelShape() names the key, its value and what it must be", () => {
  assertRefused({}, /"hidden_size" is absent/);
  assertRefused({ ...dense, num_hidden_layers: 1e6 }, /"num_hidden_layers" is 1000000/);
  assertRefused({ ...dense, vocab_size: 1.5 }, /"vocab_size" is 1\.5/);
  assertRefused({ ...dense, tie_word_embeddings: "no" }, /true or false/);
  assertRefused({ text_config: { hidden_size: [] } }, /"text_config\.hidden_size" is \[\]/);
});

test("parseModelShape() throws nothing but PenstockErrors, whatever a config holds", () => {
  const all = { ...sparse, ...latent };
  const more = ["layer_types", "sliding_window", "sliding_window_pattern", "moe_layer_freq"];
  const most = ["quantization_config", "text_config", "mlp_layer_types", "n_shared_experts"];
  const key = fc.constantFrom(...Object.keys(all), ...more, ...most, "architectures", "__proto__");
  const quantization = fc.record({
    quant_method: fc.constantFrom("fp8", "awq", "modelopt", "compressed-tensors", "mxfp4"),
    bits: fc.jsonValue(),
    config_groups: fc.jsonValue(),
    weight_block_size: fc.jsonValue(),
  });
  const value = fc.oneof(fc.jsonValue(), fc.integer({ min: -1, max: 20 }), quantization);
  fc.assert(
    fc.property(
      fc.constantFrom(dense, sparse, latent),
      fc.dictionary(key, value),
      (base, change) => {
        try {
          const { layerMemories, numHiddenLayers } = shapeOf({ ...base, ...change });
          assert.equal(layerMemories.length, numHiddenLayers);
        } catch (error) {
          assert(isPenstockError(error), String(error));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("readModelShape() reads config.json of a directory and says when it is not there", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "penstock-shape-"));
  t.after(() => rm(directory, { recursive: true }));
  const assertCode = (code: string) =>
    assert.rejects(readModelShape(directory), (error) => {
      return isPenstockError(error) && error.code === code;
    });
  await assertCode("MODEL_FILE_MISSING");
  await writeFile(join(directory, "config.json"), "[]");
  await assertCode("MODEL_JSON_INVALID");
  await writeFile(join(directory, "config.json"), JSON.stringify(dense));
  assert.deepEqual(await readModelShape(directory), shapeOf(dense));
});
