import assert from "node:assert/strict";
import { test } from "node:test";
import { isProgressBar, readVllmProgress } from "./vllm-progress.ts";

const log = (text: string) => `(EngineCore_DP0 pid=164) INFO 01-23 15:48:47 [runner.py:26] ${text}`;

test("readVllmProgress() reads the bars of loaders and of graph capture", () => {
  const bars: readonly (readonly [string, string, number])[] = [
    [
      "Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:01<00:03,  1.2s/it]",
      "load weights",
      0.25,
    ],
    [
      "Loading safetensors checkpoint shards:   0% Completed | 0/1 [00:00<?, ?it/s]",
      "load weights",
      0,
    ],
    [
      "(Worker_TP0 pid=7) Loading pt checkpoint shards: 100% Completed | 2/2 [00:19<00:00]",
      "load weights",
      1,
    ],
    [
      "Loading safetensors using Runai Model Streamer:  50% Completed | 20/40 [00:01<00:01]",
      "load weights",
      0.5,
    ],
    [
      "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  52%|█████▏    | 35/67 [00:06<00:05]",
      "capture CUDA graphs",
      0.52,
    ],
    ["Capturing CUDA graphs (decode, FULL): 100% |██████████| 51/51", "capture CUDA graphs", 1],
  ];
  for (const [line, stage, done] of bars) {
    assert.deepEqual(readVllmProgress(line), { stage, done }, line);
    assert.ok(isProgressBar(line), line);
  }
});

test("readVllmProgress() reads the log lines between the bars", () => {
  const stages = [
    log("Starting to load model Qwen/Qwen3-8B..."),
    log("Loading weights took 3.20 seconds"),
    log("Model loading took 1.88 GiB memory and 22.15 seconds"),
    log("Graph capturing finished in 12 secs, took 0.50 GiB"),
    "(APIServer pid=1) INFO 02-07 15:46:11 [api_server.py:99] Starting vLLM server on http://0.0.0.0:8000",
  ].map((line) => readVllmProgress(line));
  assert.deepEqual(stages, [
    { stage: "load weights", done: 0 },
    { stage: "load weights", done: 1 },
    { stage: "profile memory", done: 0 },
    { stage: "capture CUDA graphs", done: 1 },
    { stage: "start server", done: 0 },
  ]);
});

test("readVllmProgress() says nothing about other lines and other bars", () => {
  const download = "model-00001.safetensors:  12%|█▏        | 1.2G/9.98G [00:10<01:20, 110MB/s]";
  for (const line of ["", "GPU usage: 25%", log("Avg prompt throughput: 5 tokens/s"), download])
    assert.equal(readVllmProgress(line), undefined, line);
  assert.ok(isProgressBar(download));
  assert.ok(!isProgressBar("GPU usage: 25%"));
  const long = `Loading safetensors checkpoint shards: 25% Completed |${"x".repeat(1_000)}`;
  assert.equal(readVllmProgress(long), undefined);
  assert.ok(!isProgressBar(long));
});
