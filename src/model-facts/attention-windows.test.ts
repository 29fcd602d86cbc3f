import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, dense, shapeOf } from "./test-support/shape-config.ts";

/** F keeps all, W a window, S a state: "FFWS". */
const letters = (change: object) =>
  shapeOf({ ...dense, num_hidden_layers: 6, ...change })
    .layerMemories.map(({ kind }) => kind[0]?.toUpperCase())
    .join("")
    .replaceAll("S", "s");
const sliding_window = 128;

test("readLayerMemories() keeps everything where no window is named", () => {
  assert.equal(letters({}), "FFFFFF");
  assert.equal(letters({ sliding_window: null, model_type: "mistral" }), "FFFFFF");
});

test("readLayerMemories() lets every layer slide where only the window is named", () => {
  assert.equal(letters({ sliding_window, model_type: "mistral" }), "WWWWWW");
});

test("readLayerMemories() asks the switch of the families that have one", () => {
  const qwen = { sliding_window, model_type: "qwen2", max_window_layers: 4 };
  assert.equal(letters(qwen), "FFFFFF");
  assert.equal(letters({ ...qwen, use_sliding_window: true }), "FFFFWW");
  assert.equal(letters({ sliding_window, use_sliding_window: false }), "FFFFFF");
});

test("readLayerMemories() reads patterns as number, as letters and as the family's own", () => {
  assert.equal(letters({ sliding_window, sliding_window_pattern: 3 }), "WWFWWF");
  assert.equal(letters({ sliding_window, sliding_window_pattern: "LLG" }), "WWFWWF");
  assert.equal(letters({ sliding_window, sliding_window_pattern: 1 }), "FFFFFF");
  assert.equal(letters({ model_type: "gemma2", sliding_window }), "WFWFWF");
  assert.equal(letters({ model_type: "gemma3_text" }), "WWWWWF");
});

test("readLayerMemories() believes layer_types first", () => {
  const layer_types = [
    "full_attention",
    "sliding_attention",
    "linear_attention",
    "chunked_attention",
    "mamba",
    "deepseek_sparse_attention",
  ];
  const kinds = letters({ layer_types, sliding_window, attention_chunk_size: 8_192 });
  assert.equal(kinds, "FWsWsF");
});

test("readLayerMemories() refuses windows that it cannot read", () => {
  const layer_types = Array.from({ length: 4 }, () => "sliding_attention");
  assertRefused({ ...dense, layer_types }, /"sliding_window" is absent/);
  assertRefused({ ...dense, layer_types: ["full_attention"] }, /"layer_types" .* a list of 4/);
  assertRefused({ ...dense, sliding_window: -1 }, /"sliding_window" is -1/);
  assertRefused(
    { ...dense, sliding_window, sliding_window_pattern: 0 },
    /"sliding_window_pattern"/,
  );
});
