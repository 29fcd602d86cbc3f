import { hash } from "node:crypto";

/**
 * vLLM's block hashes by its `sha256_cbor`: the digest of the canonical CBOR of (parent, token ids, extra keys), as 64
 * hex digits. A hash names a block's tokens and, through the parent, all tokens before them.
 */
export type BlockHash = string;

/** What vLLM takes where PYTHONHASHSEED is not set. */
const seedDefault = "vllm-none-hash";

/** The parent of first blocks. */
export function noneHash(seed = seedDefault): BlockHash {
  return sha256(textItem(seed));
}

export interface BlockContent {
  readonly parent: BlockHash;
  /** A full block of them. */
  readonly tokenIds: ArrayLike<number>;
  /** What else keys and values depend on, in vLLM's order: LoRA name, cache salt. None is the same as an empty list. */
  readonly extraKeys?: readonly string[];
}

export function blockHash({ parent, tokenIds, extraKeys = [] }: BlockContent): BlockHash {
  return sha256(
    Buffer.concat([
      head(majorTypes.array, 3),
      head(majorTypes.bytes, 32),
      Buffer.from(parent, "hex"),
      uintArray(tokenIds),
      extraKeys.length === 0 ? cborNull : textArray(extraKeys),
    ]),
  );
}

function sha256(bytes: Uint8Array): BlockHash {
  return hash("sha256", bytes, "hex");
}

/** RFC 8949, section 3. */
const majorTypes = { uint: 0, bytes: 2, text: 3, array: 4 } as const;
type MajorType = (typeof majorTypes)[keyof typeof majorTypes];

const cborNull = Buffer.of(0xf6);
const headBytesMax = 5;

function head(type: MajorType, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(headBytesMax);
  return bytes.subarray(0, writeHead(bytes, 0, { type, value }));
}

/** Writes type and argument in the shortest form, which is the canonical one; returns the offset behind it. */
function writeHead(
  bytes: Buffer,
  offset: number,
  { type, value }: { readonly type: MajorType; readonly value: number },
): number {
  const first = type << 5;
  if (value < 24) return bytes.writeUInt8(first | value, offset);
  if (value < 0x100) return bytes.writeUInt8(value, bytes.writeUInt8(first | 24, offset));
  if (value < 0x1_0000) return bytes.writeUInt16BE(value, bytes.writeUInt8(first | 25, offset));
  return bytes.writeUInt32BE(value, bytes.writeUInt8(first | 26, offset));
}

function uintArray(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(headBytesMax * (values.length + 1));
  let offset = writeHead(bytes, 0, { type: majorTypes.array, value: values.length });
  for (let index = 0; index < values.length; index++)
    offset = writeHead(bytes, offset, { type: majorTypes.uint, value: values[index]! });
  return bytes.subarray(0, offset);
}

function textArray(texts: readonly string[]): Buffer {
  return Buffer.concat([head(majorTypes.array, texts.length), ...texts.map(textItem)]);
}

function textItem(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([head(majorTypes.text, bytes.length), bytes]);
}
