import { readModelShape, type ModelShape } from "../../../model-facts/mod.ts";

/** Shapes of published models; each folder holds the part of its config.json that says how large it is. */
export const models = {
  "Llama-3.1-8B": await readShape("Llama-3.1-8B"),
  "Llama-3.1-70B": await readShape("Llama-3.1-70B"),
  "Qwen3-0.6B": await readShape("Qwen3-0.6B"),
  "Qwen3-30B-A3B": await readShape("Qwen3-30B-A3B"),
  "DeepSeek-V3": await readShape("DeepSeek-V3"),
  "Gemma-3-1B": await readShape("Gemma-3-1B"),
  "Gemma-3-27B": await readShape("Gemma-3-27B"),
} as const;

async function readShape(name: string): Promise<ModelShape> {
  return readModelShape(`${import.meta.dirname}/models/${name}`);
}
