import assert from "node:assert/strict";
import { test } from "node:test";
import { parseModelShape } from "../../model-facts/mod.ts";
import { type FitOptions, fitReport } from "../../plan/mod.ts";
import { formatFit } from "./format-fit.ts";

const llama = parseModelShape("config.json", {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4_096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128_256,
  torch_dtype: "bfloat16",
});
const show = (options: FitOptions) => formatFit(fitReport(llama, options));

test("formatFit() shows every part of the report, aligned", () => {
  const text = show({ gpuMemoryBytes: 80e9, reserveBytes: 4e9 });
  const start = text.split("\n").slice(0, 18).join("\n");
  assert.equal(
    start,
    `LlamaForCausalLM fits 1 × H100, TP 1 × DP 1

Weights
                      parameters  bytes on a GPU
  embedding             525.34 M         1.05 GB
  attention               1.34 B         2.68 GB
  dense MLPs              5.64 B        11.27 GB
  norms and routers     266.24 K       532.48 kB
  LM head               525.34 M         1.05 GB
  all                     8.03 B        16.06 GB
  active for a token      8.03 B
  one copy                              16.06 GB

Memory of a GPU
  GPU                    80.00 GB
  may be used (0.92)     73.60 GB
  weights                16.06 GB
  reserve                 4.00 GB`,
  );
  for (const title of ["KV cache", "Prefill on other machines than decode", "Assumptions"])
    assert.match(text, new RegExp(`^${title}$`, "m"));
  assert.match(text, /^  KV cache of a prompt of 8,192 tokens +1\.07 GB$/m);
  assert.match(text, /^  - Reserve: as given$/m);
  assert(text.endsWith("\n"));
});

test("formatFit() tells rank and instance apart where there are several ranks", () => {
  assert.match(show({ dataParallelSize: 2 }), /requests of 9,216 tokens of a rank/);
  assert.doesNotMatch(show({}), /of a rank +\d/);
});

test("formatFit() puts what is wrong first and leaves out what is not known", () => {
  const text = show({ gpuMemoryBytes: 1e9 });
  assert.match(text, /does not fit[^]*Problems\n  - Weights and reserve need[^]*\nWeights\n/);
  assert.doesNotMatch(text, /prefill GPUs : decode GPUs +\d/);
});

test("formatFit() tells what windows bound from what grows, and names no model that has no name", () => {
  const layerMemories = llama.layerMemories.map((memory, layer) =>
    layer % 2 === 0 ? memory : ({ kind: "window", tokens: 512 } as const),
  );
  const text = formatFit(fitReport({ ...llama, layerMemories, architecture: "unknown" }));
  assert.match(text, /^The model fits 1 × H100/);
  assert.match(text, /^  each token beyond the windows +65\.54 kB$/m);
  assert.match(text, /^  sliding windows, at most +33\.55 MB$/m);
});
