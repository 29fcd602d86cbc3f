import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readSafetensorsHeader } from "../../model-facts/mod.ts";

/** What transformers computes for a tiny checkpoint; see test/truth/README.md. */
export interface TruthCase {
  readonly directory: string;
  readonly promptTokenIds: Int32Array;
  /** [prompt, vocab] */
  readonly logits: Float32Array;
  /** [64] */
  readonly greedyTokenIds: Int32Array;
  /** [64, vocab] What each greedy token was taken from. */
  readonly greedyLogits: Float32Array;
}

const root = fileURLToPath(new URL("../../../test/truth/", import.meta.url));

export const truthCaseNames: readonly string[] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
  .map(({ name }) => name);

export async function readTruthCase(name: string): Promise<TruthCase> {
  const directory = join(root, name);
  const file = join(directory, "truth.safetensors");
  const header = await readSafetensorsHeader(file);
  const bytes = readFileSync(file);
  const tensorBytes = (tensor: string): ArrayBuffer => {
    const { fileOffset, byteLength } = header.get(tensor)!;
    return new Uint8Array(bytes.subarray(fileOffset, fileOffset + byteLength)).buffer;
  };
  const integers = (tensor: string) =>
    Int32Array.from(new BigInt64Array(tensorBytes(tensor)), Number);
  return {
    directory,
    promptTokenIds: integers("prompt_token_ids"),
    logits: new Float32Array(tensorBytes("logits")),
    greedyTokenIds: integers("greedy_token_ids"),
    greedyLogits: new Float32Array(tensorBytes("greedy_logits")),
  };
}
