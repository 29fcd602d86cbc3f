import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readModelConfig, requiredTensors } from "../../src/model-facts/mod.ts";

/** Shape of Qwen3-0.6B (https://huggingface.co/Qwen/Qwen3-0.6B/blob/main/config.json). */
export const qwen3Shape = {
  architectures: ["Qwen3ForCausalLM"],
  attention_bias: false,
  bos_token_id: 151643,
  eos_token_id: 151645,
  head_dim: 128,
  hidden_act: "silu",
  hidden_size: 1024,
  intermediate_size: 3072,
  max_position_embeddings: 40960,
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  vocab_size: 151936,
} as const;

const patternElements = 4 * 1024 * 1024 + 64;
const weightScale = 0.04;

/**
 * Writes a checkpoint of this shape into an empty directory: seeded noise in bfloat16, norms of one. The noise repeats
 * every few million weights, which no kernel can notice and makes 1.2 GB a matter of a second.
 */
export async function writeRandomCheckpoint(directory: string, seed: number): Promise<void> {
  writeFileSync(join(directory, "config.json"), JSON.stringify(qwen3Shape));
  const tensors = requiredTensors(await readModelConfig(directory));
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const { name, shape } of tensors) {
    const start = end;
    end += shape.reduce((product, size) => product * size, 2);
    header[name] = { dtype: "BF16", shape, data_offsets: [start, end] };
  }
  const noise = makeNoise(seed);
  const file = openSync(join(directory, "model.safetensors"), "w");
  try {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    writeSync(file, Buffer.concat([length, text]));
    for (const { shape } of tensors) {
      const size = shape.reduce((product, side) => product * side, 1);
      if (shape.length === 1) writeSync(file, new Uint16Array(size).fill(bf16One));
      else writeNoise(file, noise, size);
    }
  } finally {
    closeSync(file);
  }
}

const bf16One = 0x3f80;

function writeNoise(file: number, noise: Uint16Array, size: number): void {
  for (let written = 0; written < size;)
    written += writeSync(file, noise.subarray(0, Math.min(noise.length, size - written))) / 2;
}

/** Marsaglia's xorshift32; uniform in ±weightScale, cut to bfloat16. */
function makeNoise(seed: number): Uint16Array {
  const floats = new Float32Array(patternElements);
  let state = seed | 1;
  for (let i = 0; i < floats.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    floats[i] = (state / 2 ** 31) * weightScale;
  }
  const words = new Uint16Array(floats.buffer);
  return Uint16Array.from({ length: patternElements }, (_, i) => words[2 * i + 1]!);
}
