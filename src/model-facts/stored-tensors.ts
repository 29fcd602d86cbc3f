import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { PenstockError } from "../errors/mod.ts";
import { ConfigReader } from "./config-reader.ts";
import { isNotFound, quote, readOptionalJsonFile, type JsonObject } from "./json-file.ts";
import { readSafetensorsHeader, type StoredTensor } from "./safetensors-header.ts";

const shardsMax = 1_000;

/**
 * All tensors of a model directory by name: of `model.safetensors`, or of the shards that
 * `model.safetensors.index.json` names. Reads headers only.
 *
 * @throws PenstockError MODEL_SHARD_MISSING, MODEL_SHARD_NAME_REFUSED, MODEL_TENSOR_MISSING and all of
 *   readSafetensorsHeader
 */
export async function readSafetensorsHeaders(
  directory: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const indexFile = join(directory, "model.safetensors.index.json");
  const single = join(directory, "model.safetensors");
  if (await exists(single)) return readSafetensorsHeader(single);
  const index = await readOptionalJsonFile(indexFile);
  return index === null
    ? readSafetensorsHeader(single)
    : readShards(directory, readWeightMap(indexFile, index));
}

/** Tensor name to shard name, each shard a plain name inside the directory. */
interface WeightMap {
  readonly indexFile: string;
  readonly shardOf: ReadonlyMap<string, string>;
}

function readWeightMap(indexFile: string, index: JsonObject): WeightMap {
  const config = new ConfigReader(indexFile, index);
  if (config.object("weight_map") === null) config.fail("weight_map", "an object");
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(index["weight_map"] as JsonObject)) {
    if (!isPlainFileName(shard)) {
      const facts = { index: indexFile, tensor, shard: quote(shard) };
      throw new PenstockError("MODEL_SHARD_NAME_REFUSED", facts);
    }
    shardOf.set(tensor, shard);
  }
  if (new Set(shardOf.values()).size > shardsMax)
    config.fail("weight_map", `a map onto at most ${shardsMax} shards`);
  return { indexFile, shardOf };
}

/** Nothing that leaves the directory, on any system: an index comes from strangers. */
function isPlainFileName(value: unknown): value is string {
  return typeof value === "string" && /^[\w][\w.+=-]*\.safetensors$/.test(value);
}

async function readShards(
  directory: string,
  { indexFile, shardOf }: WeightMap,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const headers = new Map<string, ReadonlyMap<string, StoredTensor>>();
  for (const shard of new Set(shardOf.values())) {
    const file = join(directory, shard);
    if (!(await exists(file)))
      throw new PenstockError("MODEL_SHARD_MISSING", { index: basename(indexFile), shard: file });
    headers.set(shard, await readSafetensorsHeader(file));
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shard] of shardOf) {
    const tensor = headers.get(shard)!.get(name); // Every shard of the map was read above.
    if (tensor === undefined) {
      const reason = `the tensor "${name}" is not in it`;
      const expected = `what "${indexFile}" says`;
      const facts = { file: join(directory, shard), reason, expected };
      throw new PenstockError("MODEL_SAFETENSORS_INVALID", facts);
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    // Anything but "not there" is told by the read that follows, with its own message.
    return !isNotFound(error);
  }
}
