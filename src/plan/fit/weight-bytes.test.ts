import assert from "node:assert/strict";
import { test } from "node:test";
import { countParameters } from "./parameter-count.ts";
import { models } from "./test-support/models.ts";
import { totalWeightBytes, weightBytesPerGpu } from "./weight-bytes.ts";

const layout = {
  tensorParallelSize: 1,
  dataParallelSize: 1,
  enableExpertParallel: false,
  numRedundantExperts: 0,
};

test("weightBytesPerGpu() holds everything on one GPU, two bytes a parameter", () => {
  for (const name of ["Llama-3.1-8B", "Qwen3-30B-A3B", "Gemma-3-1B"] as const) {
    const { total } = weightBytesPerGpu(models[name], layout);
    assert.equal(total, 2 * countParameters(models[name]).total, name);
    assert.equal(total, totalWeightBytes(models[name]));
  }
});

test("weightBytesPerGpu() stores quantized matrices in their bits and the rest in two bytes", () => {
  const { groups } = weightBytesPerGpu(models["DeepSeek-V3"], layout);
  const { groups: elements } = countParameters(models["DeepSeek-V3"]);
  assert.equal(groups.embedding, 2 * elements.embedding);
  const bytesPerExpertWeight = groups["routed experts"] / elements["routed experts"];
  assert(bytesPerExpertWeight > 1 && bytesPerExpertWeight < 1.001);
});

test("weightBytesPerGpu() cuts by TP, but no KV head and no norm", () => {
  const whole = weightBytesPerGpu(models["Llama-3.1-8B"], layout);
  const half = weightBytesPerGpu(models["Llama-3.1-8B"], { ...layout, tensorParallelSize: 2 });
  assert.equal(half.groups.attention * 2, whole.groups.attention);
  assert.equal(half.groups["norms and routers"], whole.groups["norms and routers"]);
  const wide = weightBytesPerGpu(models["Llama-3.1-8B"], { ...layout, tensorParallelSize: 16 });
  // 8 KV heads on 16 GPUs: each GPU holds one, a sixteenth of the queries and of the output projection.
  const queries = 2 * 4_096 * 4_096 * 32 * 2;
  const keysAndValues = 2 * 4_096 * 1_024 * 32 * 2;
  assert.equal(wide.groups.attention, queries / 16 + keysAndValues / 8);
});

test("weightBytesPerGpu() spreads experts over TP × DP, whole ones with expert parallelism", () => {
  const model = models["Qwen3-30B-A3B"];
  const all = weightBytesPerGpu(model, layout).groups["routed experts"];
  const experts = (change: object) =>
    weightBytesPerGpu(model, { ...layout, ...change }).groups["routed experts"];
  assert.equal(experts({ dataParallelSize: 4, tensorParallelSize: 2 }), all / 8);
  const ep = { enableExpertParallel: true, dataParallelSize: 4 };
  assert.equal(experts(ep), all / 4);
  // 128 experts on 12 GPUs: the fullest holds 11.
  assert.equal(experts({ ...ep, dataParallelSize: 12 }), (all * 11) / 128);
  assert.equal(experts({ ...ep, numRedundantExperts: 32 }), (all * 40) / 128);
});

test("weightBytesPerGpu() keeps dense parts whole in each DP rank", () => {
  const one = weightBytesPerGpu(models["DeepSeek-V3"], layout);
  const many = weightBytesPerGpu(models["DeepSeek-V3"], { ...layout, dataParallelSize: 16 });
  assert.equal(many.groups.attention, one.groups.attention);
  assert.equal(many.groups["shared experts"], one.groups["shared experts"]);
});
