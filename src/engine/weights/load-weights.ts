import { open, type FileHandle } from "node:fs/promises";
import { PenstockError } from "../../errors/mod.ts";
import { dtypeBytes, type StoredTensor } from "../../model-facts/mod.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Dtype } from "../types.ts";

/** Stored formats that become weights. */
export const weightDtypes = ["F32", "F16", "BF16"] as const;
type WeightDtype = (typeof weightDtypes)[number];

export interface WeightTarget {
  readonly tensor: StoredTensor;
  readonly address: number;
  /** bfloat16 is packed as the kernels read it; the element count is then a multiple of eight. */
  readonly dtype: Dtype;
}

export interface WeightLoader {
  readonly kernels: Kernels;
  readonly buffer: ArrayBufferLike;
  /** Staging in the kernels' memory: `bytes` for what is read, twice that for what is widened. */
  readonly staging: { readonly stored: number; readonly widened: number; readonly bytes: number };
  /** Share of all bytes that is loaded, 0 to 1; called at most once per read. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Streams tensors from their files to their places, converting on the way; reads never take more than the staging
 * buffer holds.
 *
 * @throws PenstockError MODEL_DTYPE_UNSUPPORTED, MODEL_SAFETENSORS_TRUNCATED, MODEL_FILE_UNREADABLE
 */
export async function loadWeights(
  targets: readonly WeightTarget[],
  loader: WeightLoader,
): Promise<void> {
  for (const { tensor } of targets) checkDtype(tensor);
  const totalBytes = targets.reduce((sum, { tensor }) => sum + tensor.byteLength, 0);
  let loadedBytes = 0;
  const onBytes = (bytes: number) => {
    loadedBytes += bytes;
    loader.onProgress?.(loadedBytes / totalBytes);
  };
  // In the order of the files, so that a spinning disk or a network file system reads ahead.
  const byFile = Map.groupBy(targets, ({ tensor }) => tensor.file);
  for (const [file, tensors] of byFile) {
    await using handle = await openForReading(file);
    for (const target of tensors.toSorted((a, b) => a.tensor.fileOffset - b.tensor.fileOffset))
      await loadTensor(handle, target, { loader, onBytes });
  }
}

/** The dtype in which "auto" keeps the weights: bfloat16 only where every matrix is stored so. */
export function storedDtype(matrices: readonly StoredTensor[]): Dtype {
  return matrices.every(({ dtype }) => dtype === "BF16") ? "bfloat16" : "float32";
}

function checkDtype({ file, name, dtype }: StoredTensor): void {
  if (weightDtypes.includes(dtype as WeightDtype)) return;
  const facts = { file, tensor: name, dtype, supported: weightDtypes };
  throw new PenstockError("MODEL_DTYPE_UNSUPPORTED", facts);
}

async function openForReading(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new PenstockError("MODEL_FILE_UNREADABLE", { file, reason }, { cause });
  }
}

interface LoadContext {
  readonly loader: WeightLoader;
  readonly onBytes: (bytes: number) => void;
}

async function loadTensor(
  handle: FileHandle,
  target: WeightTarget,
  { loader, onBytes }: LoadContext,
): Promise<void> {
  const { tensor, address, dtype } = target;
  const itemBytes = dtypeBytes[tensor.dtype];
  const outBytes = dtype === "bfloat16" ? 2 : 4;
  const { stored, bytes: stagingBytes } = loader.staging;
  for (let done = 0; done < tensor.byteLength;) {
    const bytes = Math.min(stagingBytes, tensor.byteLength - done);
    const piece = new Uint8Array(loader.buffer, stored, bytes);
    await readFully(handle, piece, { tensor, position: tensor.fileOffset + done });
    const to = address + (done / itemBytes) * outBytes;
    convert(loader, { from: tensor.dtype as WeightDtype, dtype, to, count: bytes / itemBytes });
    done += bytes;
    onBytes(bytes);
  }
}

interface Piece {
  readonly tensor: StoredTensor;
  readonly position: number;
}

async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  { tensor, position }: Piece,
): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      const neededBytes = tensor.fileOffset + tensor.byteLength;
      const facts = { file: tensor.file, fileBytes: position + done, neededBytes };
      throw new PenstockError("MODEL_SAFETENSORS_TRUNCATED", facts);
    }
    done += bytesRead;
  }
}

interface Conversion {
  readonly from: WeightDtype;
  readonly dtype: Dtype;
  readonly to: number;
  readonly count: number;
}

/** Everything goes by way of f32, which holds each stored format exactly. */
function convert(loader: WeightLoader, { from, dtype, to, count }: Conversion): void {
  const { kernels, buffer, staging } = loader;
  const isPacked = dtype === "bfloat16";
  const widened = isPacked ? staging.widened : to;
  if (from === "BF16") kernels.widenBf16(staging.stored, widened, count);
  else if (from === "F16") kernels.widenF16(staging.stored, widened, count);
  else if (!isPacked) copyBytes(buffer, { from: staging.stored, to, bytes: count * 4 });
  if (isPacked) kernels.packBf16(from === "F32" ? staging.stored : widened, to, count);
}

function copyBytes(
  buffer: ArrayBufferLike,
  { from, to, bytes }: { readonly from: number; readonly to: number; readonly bytes: number },
): void {
  new Uint8Array(buffer, to, bytes).set(new Uint8Array(buffer, from, bytes));
}
