import { open, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { PenstockError } from "../errors/mod.ts";
import { isJsonObject, isNotFound, parseJsonObject, quote, type JsonObject } from "./json-file.ts";

/** Bytes per element of every dtype of the safetensors format that has whole bytes. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDtype = keyof typeof dtypeBytes;

export interface StoredTensor {
  readonly name: string;
  readonly file: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Where its bytes begin in the file. */
  readonly fileOffset: number;
  readonly byteLength: number;
}

/** The format's own limit (100 MB). */
export const headerBytesMax = 100_000_000;
const lengthBytes = 8;

/**
 * The tensors of one safetensors file by name. Format: 8 bytes little-endian header length, the JSON header, data
 * (https://huggingface.co/docs/safetensors). Every tensor is known to lie in the file and to overlap no other.
 *
 * @throws PenstockError MODEL_FILE_MISSING, MODEL_FILE_UNREADABLE, MODEL_SAFETENSORS_INVALID,
 *   MODEL_SAFETENSORS_TRUNCATED, MODEL_DTYPE_UNSUPPORTED, MODEL_JSON_INVALID
 */
export async function readSafetensorsHeader(
  file: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  try {
    await using handle = await open(file, "r");
    const { size } = await handle.stat();
    const header = await readHeaderText(handle, file, size);
    return parseSafetensorsHeader(file, header, size);
  } catch (cause) {
    if (cause instanceof PenstockError) throw cause;
    if (isNotFound(cause)) {
      const facts = { directory: dirname(file), file: basename(file), purpose: "the weights" };
      throw new PenstockError("MODEL_FILE_MISSING", facts, { cause });
    }
    const reason = (cause as Error).message;
    throw new PenstockError("MODEL_FILE_UNREADABLE", { file, reason }, { cause });
  }
}

async function readHeaderText(
  handle: FileHandle,
  file: string,
  fileBytes: number,
): Promise<string> {
  if (fileBytes < lengthBytes) throw truncated(file, fileBytes, lengthBytes);
  const { buffer: prefix } = await handle.read(Buffer.alloc(lengthBytes), 0, lengthBytes, 0);
  const headerBytes = Number(prefix.readBigUInt64LE());
  if (headerBytes > headerBytesMax)
    throw invalid(file, `its header has ${headerBytes} bytes`, `at most ${headerBytesMax}`);
  const neededBytes = lengthBytes + headerBytes;
  if (neededBytes > fileBytes) throw truncated(file, fileBytes, neededBytes);
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await handle.read(header, 0, headerBytes, lengthBytes);
  if (bytesRead < headerBytes) throw truncated(file, lengthBytes + bytesRead, neededBytes);
  return decodeUtf8(file, header);
}

/** Strict: a replaced character would have another length and move every tensor. */
function decodeUtf8(file: string, header: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw invalid(file, "its header holds bytes that are no text", "JSON in UTF-8"); // Says all that decode() does.
  }
}

/** The part of readSafetensorsHeader without I/O. Throws the same errors. */
export function parseSafetensorsHeader(
  file: string,
  header: string,
  fileBytes: number,
): ReadonlyMap<string, StoredTensor> {
  const dataOffset = lengthBytes + Buffer.byteLength(header);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(parseJsonObject(file, header))) {
    if (name === "__metadata__") continue;
    if (!isJsonObject(entry)) throw invalid(file, `"${name}" is ${quote(entry)}`, "an object");
    tensors.set(name, readEntry({ file, name, entry, dataOffset }));
  }
  checkPlaces([...tensors.values()], file, { dataOffset, fileBytes });
  return tensors;
}

interface RawEntry {
  readonly file: string;
  readonly name: string;
  readonly entry: JsonObject;
  readonly dataOffset: number;
}

function readEntry({ file, name, entry, dataOffset }: RawEntry): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    const supported = Object.keys(dtypeBytes);
    const facts = { file, tensor: name, dtype: quote(dtype), supported };
    throw new PenstockError("MODEL_DTYPE_UNSUPPORTED", facts);
  }
  if (!isSizeList(shape))
    throw invalid(file, `"${name}" has shape ${quote(shape)}`, "a list of sizes");
  if (!isSizeList(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!)
    throw invalid(file, `"${name}" has data_offsets ${quote(offsets)}`, "[begin, end]");
  const byteLength = offsets[1]! - offsets[0]!;
  const wantedBytes = shape.reduce((product, size) => product * size, dtypeBytes[dtype]);
  if (byteLength !== wantedBytes) {
    const reason = `"${name}" spans ${byteLength} bytes`;
    throw invalid(file, reason, `${wantedBytes} for ${dtype} [${shape.join(", ")}]`);
  }
  return { name, file, dtype, shape, fileOffset: dataOffset + offsets[0]!, byteLength };
}

function checkPlaces(
  tensors: readonly StoredTensor[],
  file: string,
  place: { readonly dataOffset: number; readonly fileBytes: number },
): void {
  let endOfLast = place.dataOffset;
  let last = "the header";
  for (const tensor of tensors.toSorted((a, b) => a.fileOffset - b.fileOffset)) {
    if (tensor.byteLength === 0) continue;
    if (tensor.fileOffset < endOfLast)
      throw invalid(file, `"${tensor.name}" overlaps ${last}`, "tensors that lie side by side");
    endOfLast = tensor.fileOffset + tensor.byteLength;
    last = `"${tensor.name}"`;
  }
  if (endOfLast > place.fileBytes) throw truncated(file, place.fileBytes, endOfLast);
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === "string" && Object.hasOwn(dtypeBytes, value);
}

function isSizeList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function invalid(file: string, reason: string, expected: string): PenstockError {
  return new PenstockError("MODEL_SAFETENSORS_INVALID", { file, reason, expected });
}

function truncated(file: string, fileBytes: number, neededBytes: number): PenstockError {
  return new PenstockError("MODEL_SAFETENSORS_TRUNCATED", { file, fileBytes, neededBytes });
}
