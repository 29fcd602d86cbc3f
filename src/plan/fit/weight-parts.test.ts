import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readModelShape, readSafetensorsHeaders } from "../../model-facts/mod.ts";
import { models } from "./test-support/models.ts";
import { sparseLayerCount, weightParts } from "./weight-parts.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const folders = ["test/truth", "models/penstock"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, folder, entry.name)),
);

test("weightParts() adds up to the elements of every checkpoint in the repository", async () => {
  assert(folders.length >= 12, "checkpoints were found");
  for (const folder of folders) {
    const stored = [...(await readSafetensorsHeaders(folder)).values()];
    const elements = stored.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
    assert.equal(total(weightParts(await readModelShape(folder))), sum(elements), folder);
  }
});

test("weightParts() says how each part is spread", () => {
  const splits = (name: keyof typeof models) =>
    new Set(weightParts(models[name]).map(({ group, split }) => `${group}: ${split}`));
  const llama = splits("Llama-3.1-8B");
  assert(llama.has("attention: kv heads") && llama.has("dense MLPs: tensor"));
  assert(!llama.has("attention: none"));
  const deepseek = splits("DeepSeek-V3");
  assert(deepseek.has("attention: none") && !deepseek.has("attention: kv heads"));
  assert(deepseek.has("routed experts: experts") && deepseek.has("shared experts: tensor"));
});

test("sparseLayerCount() counts layers with experts", () => {
  assert.equal(sparseLayerCount(models["DeepSeek-V3"].experts), 58);
  assert.equal(sparseLayerCount(null), 0);
});

function total(parts: readonly { readonly elements: number }[]): number {
  return sum(parts.map(({ elements }) => elements));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
