import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, dense, shapeOf, sparse } from "./test-support/shape-config.ts";

const experts = (change: object) => {
  const shape = shapeOf({ ...sparse, ...change });
  assert(shape.experts !== null);
  return shape.experts;
};
const layers = (change: object) =>
  experts(change)
    .sparseLayers.map((isSparse) => (isSparse ? "x" : "."))
    .join("");

test("readExpertsShape() finds none in a dense model", () => {
  assert.equal(shapeOf(dense).experts, null);
  assert.equal(shapeOf({ ...sparse, num_experts: 0 }).experts, null);
  assert.equal(shapeOf({ ...dense, n_routed_experts: null }).experts, null);
});

test("readExpertsShape() knows the count under each of its names", () => {
  for (const name of ["num_experts", "n_routed_experts", "num_local_experts"])
    assert.equal(experts({ num_experts: null, [name]: 16 }).numExperts, 16, name);
  assert.equal(experts({ moe_intermediate_size: null }).intermediateSize, 96);
});

test("readExpertsShape() adds shared experts up", () => {
  assert.equal(experts({}).sharedIntermediateSize, 0);
  assert.equal(experts({ n_shared_experts: 2 }).sharedIntermediateSize, 64);
  assert.equal(experts({ shared_expert_intermediate_size: 80 }).sharedIntermediateSize, 80);
  assert.equal(experts({ model_type: "llama4_text" }).sharedIntermediateSize, 32);
});

test("readExpertsShape() knows the layers without experts in each way of naming them", () => {
  assert.equal(layers({}), "xxxx");
  assert.equal(layers({ first_k_dense_replace: 1 }), ".xxx");
  assert.equal(layers({ decoder_sparse_step: 2 }), ".x.x");
  assert.equal(layers({ mlp_only_layers: [0, 2] }), ".x.x");
  assert.equal(layers({ decoder_sparse_step: 2, mlp_only_layers: [3] }), ".x..");
  assert.equal(layers({ moe_layer_freq: 2 }), "x.x.");
  assert.equal(layers({ moe_layer_freq: [0, 1, 1, 0] }), ".xx.");
  assert.equal(layers({ moe_layers: [1, 3] }), ".x.x");
  assert.equal(layers({ mlp_layer_types: ["dense", "sparse", "sparse", "dense"] }), ".xx.");
});

test("readExpertsShape() refuses what contradicts itself", () => {
  assertRefused({ ...sparse, num_experts_per_tok: 9 }, /from 1 to 8/);
  assertRefused({ ...sparse, num_experts: "8" }, /"num_experts" is "8"/);
  assertRefused({ ...sparse, moe_layer_freq: [1, 0] }, /"moe_layer_freq" .* a list of 4/);
  assertRefused({ ...sparse, mlp_layer_types: ["dense"] }, /a list of 4/);
  assertRefused({ ...sparse, decoder_sparse_step: 0 }, /"decoder_sparse_step" is 0/);
});
