/**
 * The kernels of the forward pass. Two implementations share this type: WebAssembly SIMD (assembly/) and plain
 * TypeScript (plain/), the oracle of the first.
 *
 * Every pointer is a byte address into one memory, 16-byte aligned; sizes, strides and offsets count elements. Rows are
 * contiguous unless a stride is given. Sizes of rows are multiples of eight. "bf16" is packed bf16: eight weights in 16
 * bytes, w0 w4 w1 w5 w2 w6 w3 w7.
 */
export interface Kernels {
  /** y[m, n] = x[m, k] · W[n, k]ᵀ (+ bias) (+ y when accumulate is 1), for columns nStart to nEnd. W has rows up to the next multiple of eight. */
  readonly gemmF32: Gemm;
  readonly gemmBf16: Gemm;
  /** y = x / sqrt(mean(x²) + eps) · weight; rows begin `stride` apart in x and y, which may be the same. */
  rmsNorm(
    x: number,
    weight: number,
    y: number,
    rows: number,
    size: number,
    stride: number,
    eps: number,
  ): void;
  /** Rotates one head of every row in place; table is [rows, headDim]: cosines, then sines. */
  rope(x: number, table: number, rows: number, stride: number, headDim: number): void;
  /**
   * Causal attention of one query head for consecutive tokens of one sequence. `keys` and `values` are the head's
   * part of block 0; `scores` is scratch for one f32 a key, rounded up to four; `shape` is an AttentionShape.
   */
  attention(
    q: number,
    out: number,
    tokenCount: number,
    firstPosition: number,
    blockTable: number,
    keys: number,
    values: number,
    scores: number,
    shape: number,
  ): void;
  /** gate = silu(gate) · up on columns start to end of every row. */
  siluMul(gate: number, up: number, rows: number, start: number, end: number, stride: number): void;
  /** out[i] = table[ids[i]] */
  readonly gatherRowsF32: GatherRows;
  readonly gatherRowsBf16: GatherRows;
  /** base[offsets[i] .. + size] = x[i] */
  scatterRows(
    x: number,
    stride: number,
    base: number,
    offsets: number,
    rows: number,
    size: number,
  ): void;
  /** y[ids[i]] += scales[i] · x[i] on columns start to end. */
  addScaledRows(
    x: number,
    scales: number,
    ids: number,
    y: number,
    rows: number,
    start: number,
    end: number,
    stride: number,
  ): void;
  /** To f32 from the two-byte formats of safetensors; f32 to packed bf16, to nearest even. NaN stays NaN. */
  widenBf16(from: number, to: number, count: number): void;
  widenF16(from: number, to: number, count: number): void;
  packBf16(from: number, to: number, count: number): void;
}

export type Gemm = (
  x: number,
  w: number,
  y: number,
  m: number,
  k: number,
  nStart: number,
  nEnd: number,
  yStride: number,
  bias: number,
  accumulate: number,
) => void;

export type GatherRows = (
  table: number,
  ids: number,
  out: number,
  rows: number,
  size: number,
) => void;

/** What one model's attention has in common; the kernel reads it from memory, see writeAttentionShape. */
export interface AttentionShape {
  readonly headDim: number;
  /** Tokens per KV block. */
  readonly blockSize: number;
  /** Elements from one KV block to the next. */
  readonly blockStride: number;
  /** Elements from one row of q to the next. */
  readonly queryStride: number;
  /** Elements from one row of out to the next. */
  readonly outStride: number;
  /** Factor of the scores, 1 / sqrt(headDim). */
  readonly scale: number;
}

export const attentionShapeBytes = 24;

/** Writes the six fields in the order of the type, five u32 and an f32. */
export function writeAttentionShape(
  buffer: ArrayBufferLike,
  address: number,
  shape: AttentionShape,
): void {
  const { headDim, blockSize, blockStride, queryStride, outStride, scale } = shape;
  const sizes = [headDim, blockSize, blockStride, queryStride, outStride];
  new Uint32Array(buffer, address, sizes.length).set(sizes);
  new Float32Array(buffer, address + 4 * sizes.length, 1)[0] = scale;
}
