import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isPenstockError } from "../errors/mod.ts";
import { readSafetensorsHeaders } from "./stored-tensors.ts";

const sharded = fileURLToPath(new URL("../../test/truth/llama-llama3-rope", import.meta.url));
const indexName = "model.safetensors.index.json";
let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "penstock-"));
  cpSync(sharded, directory, { recursive: true });
});
after(() => rmSync(directory, { recursive: true }));

async function assertRefused(code: string, pattern: RegExp): Promise<void> {
  await assert.rejects(readSafetensorsHeaders(directory), (error) => {
    assert(isPenstockError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

function placeTensor(shard: unknown): void {
  const index = JSON.parse(readFileSync(join(sharded, indexName), "utf8")) as {
    weight_map: Record<string, unknown>;
  };
  index.weight_map["model.norm.weight"] = shard;
  writeFileSync(join(directory, indexName), JSON.stringify(index));
}

test("readSafetensorsHeaders() gathers the tensors of all shards", async () => {
  const tensors = await readSafetensorsHeaders(sharded);
  const files = new Set([...tensors.values()].map(({ file }) => file));
  assert.equal(files.size, 3);
  assert(tensors.has("model.norm.weight"));
});

test("readSafetensorsHeaders() refuses shards outside the directory", async () => {
  const names = ["../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "x.bin", ".", 7];
  for (const name of names) {
    placeTensor(name);
    await assertRefused("MODEL_SHARD_NAME_REFUSED", /"model\.norm\.weight" in .*plain file name/);
  }
});

test("readSafetensorsHeaders() names the shard that is missing or lacks the tensor", async () => {
  placeTensor("model-00009-of-00003.safetensors");
  await assertRefused("MODEL_SHARD_MISSING", /model-00009-of-00003\.safetensors/);
  placeTensor("model-00001-of-00003.safetensors");
  await assertRefused("MODEL_SAFETENSORS_INVALID", /"model\.norm\.weight" is not in it/);
  writeFileSync(join(directory, indexName), JSON.stringify({ weight_map: 7 }));
  await assertRefused("MODEL_CONFIG_INVALID", /"weight_map" is 7/);
});

test("readSafetensorsHeaders() asks for model.safetensors where there is no index", async () => {
  rmSync(join(directory, indexName));
  await assertRefused("MODEL_FILE_MISSING", /"model\.safetensors" is missing/);
});
