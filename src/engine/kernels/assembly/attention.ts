import { exp, madd, maxLanes, sumLanes } from "./lanes";

/** What one model's attention has in common, in wasm memory; written once by the loader. */
@unmanaged
export class AttentionShape {
  headDim: u32;
  /** Tokens per KV block. */
  blockSize: u32;
  /** Elements from one KV block to the next. */
  blockStride: u32;
  /** Elements from one row of q to the next. */
  queryStride: u32;
  /** Elements from one row of out to the next. */
  outStride: u32;
  /** Factor of the scores, 1 / sqrt(headDim). */
  scale: f32;
}

/**
 * Causal attention of one query head for consecutive tokens of one sequence, over the KV blocks of its sequence.
 * `keys` and `values` point at the head's part of block 0: [block][blockSize, headDim]. `scores` is scratch for one
 * score per key, rounded up to four.
 *
 * Each token runs over its keys from the first to its own in one fixed order, so its bits do not depend on
 * how the prompt was cut into chunks.
 */
export function attention(
  q: usize,
  out: usize,
  tokenCount: i32,
  firstPosition: i32,
  blockTable: usize,
  keys: usize,
  values: usize,
  scores: usize,
  shape: AttentionShape,
): void {
  const queryBytes = (<usize>shape.queryStride) << 2;
  const outBytes = (<usize>shape.outStride) << 2;
  for (let token = 0; token < tokenCount; token++) {
    const keyCount = firstPosition + token + 1;
    scoreKeys(q, blockTable, keys, scores, keyCount, shape);
    const sum = softmax(scores, keyCount);
    mixValues(out, blockTable, values, scores, keyCount, sum, shape);
    q += queryBytes;
    out += outBytes;
  }
}

function scoreKeys(
  q: usize,
  blockTable: usize,
  keys: usize,
  scores: usize,
  keyCount: i32,
  shape: AttentionShape,
): void {
  const headBytes = (<usize>shape.headDim) << 2;
  const blockBytes = (<usize>shape.blockStride) << 2;
  const blockSize = <i32>shape.blockSize;
  for (let first = 0; first < keyCount; first += blockSize) {
    let key = keys + <usize>load<u32>(blockTable) * blockBytes;
    const count = min(blockSize, keyCount - first);
    let slot = 0;
    for (; slot + 4 <= count; slot += 4, key += headBytes * 4, scores += 16)
      scoreFour(q, key, headBytes, scores, shape.scale);
    for (; slot < count; slot++, key += headBytes, scores += 4)
      scoreOne(q, key, headBytes, scores, shape.scale);
    blockTable += 4;
  }
}

/** Two accumulators a key, so that the processor finds eight independent chains; scoreOne adds in the same order. */
function scoreFour(q: usize, key: usize, headBytes: usize, scores: usize, scale: f32): void {
  let a0 = f32x4.splat(0),
    b0 = f32x4.splat(0),
    c0 = f32x4.splat(0),
    d0 = f32x4.splat(0);
  let a1 = f32x4.splat(0),
    b1 = f32x4.splat(0),
    c1 = f32x4.splat(0),
    d1 = f32x4.splat(0);
  const keyB = headBytes,
    keyC = headBytes * 2,
    keyD = headBytes * 3;
  const end = q + headBytes;
  for (; q < end; q += 32, key += 32) {
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    a0 = madd(q0, v128.load(key), a0);
    a1 = madd(q1, v128.load(key, 16), a1);
    b0 = madd(q0, v128.load(key + keyB), b0);
    b1 = madd(q1, v128.load(key + keyB, 16), b1);
    c0 = madd(q0, v128.load(key + keyC), c0);
    c1 = madd(q1, v128.load(key + keyC, 16), c1);
    d0 = madd(q0, v128.load(key + keyD), d0);
    d1 = madd(q1, v128.load(key + keyD, 16), d1);
  }
  store<f32>(scores, sumLanes(f32x4.add(a0, a1)) * scale);
  store<f32>(scores, sumLanes(f32x4.add(b0, b1)) * scale, 4);
  store<f32>(scores, sumLanes(f32x4.add(c0, c1)) * scale, 8);
  store<f32>(scores, sumLanes(f32x4.add(d0, d1)) * scale, 12);
}

function scoreOne(q: usize, key: usize, headBytes: usize, scores: usize, scale: f32): void {
  let a0 = f32x4.splat(0),
    a1 = f32x4.splat(0);
  const end = q + headBytes;
  for (; q < end; q += 32, key += 32) {
    a0 = madd(v128.load(q), v128.load(key), a0);
    a1 = madd(v128.load(q, 16), v128.load(key, 16), a1);
  }
  store<f32>(scores, sumLanes(f32x4.add(a0, a1)) * scale);
}

/** Turns scores into exp(score - largest) and returns their sum. */
function softmax(scores: usize, keyCount: i32): f32 {
  const end = scores + ((<usize>((keyCount + 3) & ~3)) << 2);
  for (let at = scores + ((<usize>keyCount) << 2); at < end; at += 4) store<f32>(at, -Infinity);
  let largest = f32x4.splat(-Infinity);
  for (let at = scores; at < end; at += 16) largest = f32x4.max(largest, v128.load(at));
  const shift = f32x4.splat(maxLanes(largest));
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const power = exp(f32x4.sub(v128.load(at), shift));
    v128.store(at, power);
    sum = f32x4.add(sum, power);
  }
  return sumLanes(sum);
}

function mixValues(
  out: usize,
  blockTable: usize,
  values: usize,
  scores: usize,
  keyCount: i32,
  sum: f32,
  shape: AttentionShape,
): void {
  const headDim = shape.headDim;
  const scale = f32x4.splat(<f32>1 / sum);
  let column: u32 = 0;
  for (; column + 32 <= headDim; column += 32)
    mix32(
      out + ((<usize>column) << 2),
      blockTable,
      values + ((<usize>column) << 2),
      scores,
      keyCount,
      scale,
      shape,
    );
  for (; column < headDim; column += 8)
    mix8(
      out + ((<usize>column) << 2),
      blockTable,
      values + ((<usize>column) << 2),
      scores,
      keyCount,
      scale,
      shape,
    );
}

/** out[32] = Σ score · value[32] · scale */
function mix32(
  out: usize,
  blockTable: usize,
  values: usize,
  scores: usize,
  keyCount: i32,
  scale: v128,
  shape: AttentionShape,
): void {
  const headBytes = (<usize>shape.headDim) << 2;
  const blockBytes = (<usize>shape.blockStride) << 2;
  const blockSize = <i32>shape.blockSize;
  let a0 = f32x4.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0,
    a4 = a0,
    a5 = a0,
    a6 = a0,
    a7 = a0;
  for (let first = 0; first < keyCount; first += blockSize, blockTable += 4) {
    let value = values + <usize>load<u32>(blockTable) * blockBytes;
    const end = scores + ((<usize>min(blockSize, keyCount - first)) << 2);
    for (; scores < end; scores += 4, value += headBytes) {
      const score = v128.load32_splat(scores);
      a0 = madd(score, v128.load(value), a0);
      a1 = madd(score, v128.load(value, 16), a1);
      a2 = madd(score, v128.load(value, 32), a2);
      a3 = madd(score, v128.load(value, 48), a3);
      a4 = madd(score, v128.load(value, 64), a4);
      a5 = madd(score, v128.load(value, 80), a5);
      a6 = madd(score, v128.load(value, 96), a6);
      a7 = madd(score, v128.load(value, 112), a7);
    }
  }
  v128.store(out, f32x4.mul(a0, scale));
  v128.store(out, f32x4.mul(a1, scale), 16);
  v128.store(out, f32x4.mul(a2, scale), 32);
  v128.store(out, f32x4.mul(a3, scale), 48);
  v128.store(out, f32x4.mul(a4, scale), 64);
  v128.store(out, f32x4.mul(a5, scale), 80);
  v128.store(out, f32x4.mul(a6, scale), 96);
  v128.store(out, f32x4.mul(a7, scale), 112);
}

/** out[8] = Σ score · value[8] · scale, for head sizes that are no multiple of 32. */
function mix8(
  out: usize,
  blockTable: usize,
  values: usize,
  scores: usize,
  keyCount: i32,
  scale: v128,
  shape: AttentionShape,
): void {
  const headBytes = (<usize>shape.headDim) << 2;
  const blockBytes = (<usize>shape.blockStride) << 2;
  const blockSize = <i32>shape.blockSize;
  let a0 = f32x4.splat(0),
    a1 = a0;
  for (let first = 0; first < keyCount; first += blockSize, blockTable += 4) {
    let value = values + <usize>load<u32>(blockTable) * blockBytes;
    const end = scores + ((<usize>min(blockSize, keyCount - first)) << 2);
    for (; scores < end; scores += 4, value += headBytes) {
      const score = v128.load32_splat(scores);
      a0 = madd(score, v128.load(value), a0);
      a1 = madd(score, v128.load(value, 16), a1);
    }
  }
  v128.store(out, f32x4.mul(a0, scale));
  v128.store(out, f32x4.mul(a1, scale), 16);
}
