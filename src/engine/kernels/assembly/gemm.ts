// y[m, n] = x[m, k] · W[n, k]ᵀ, with W as f32 or as packed bf16 (see convert.ts).
//
// Each output element has one v128 accumulator that runs over k in steps of four, then its four lanes are summed in a
// fixed order. The tile an element falls into changes only what else is computed beside it, so a row of y has
// the same bits whatever the batch size and the number of threads.

import { highHalf, lowHalf, madd, sumLanes } from "./lanes";

/** Bytes of W that stay in the L1 cache while all rows of x pass over them. */
const weightBlockBytes: usize = 32 * 1024;

export function gemmF32(
  x: usize,
  w: usize,
  y: usize,
  m: i32,
  k: i32,
  nStart: i32,
  nEnd: i32,
  yStride: i32,
  bias: usize,
  accumulate: i32,
): void {
  gemm<f32>(x, w, y, m, k, nStart, nEnd, yStride, bias, accumulate);
}

export function gemmBf16(
  x: usize,
  w: usize,
  y: usize,
  m: i32,
  k: i32,
  nStart: i32,
  nEnd: i32,
  yStride: i32,
  bias: usize,
  accumulate: i32,
): void {
  gemm<u16>(x, w, y, m, k, nStart, nEnd, yStride, bias, accumulate);
}

/**
 * Columns nStart to nEnd of all rows. W must be readable up to the next multiple of eight rows; k is a multiple of
 * eight. The type argument is the stored weight: f32, or u16 for bf16. */
function gemm<W>(
  x: usize,
  w: usize,
  y: usize,
  m: i32,
  k: i32,
  nStart: i32,
  nEnd: i32,
  yStride: i32,
  bias: usize,
  accumulate: i32,
): void {
  const xRow = (<usize>k) << 2;
  const wRow = <usize>k * sizeof<W>();
  const yRow = (<usize>yStride) << 2;
  const blockColumns = max<i32>(8, <i32>(weightBlockBytes / wRow) & ~7);
  for (let blockStart = nStart; blockStart < nEnd; blockStart += blockColumns) {
    const blockEnd = min(nEnd, blockStart + blockColumns);
    fetch(w + <usize>blockStart * wRow, <usize>(blockEnd - blockStart) * wRow);
    let row = 0;
    for (; row + 4 <= m; row += 4) {
      const xTile = x + <usize>row * xRow;
      const yTile = y + <usize>row * yRow;
      for (let n = blockStart; n < blockEnd; n += 2)
        tile4x2<W>(xTile, w + <usize>n * wRow, yTile, k, n, blockEnd, yRow, bias, accumulate);
    }
    if (m - row >= 2) {
      const xTile = x + <usize>row * xRow;
      const yTile = y + <usize>row * yRow;
      for (let n = blockStart; n < blockEnd; n += 4)
        tile2x4<W>(xTile, w + <usize>n * wRow, yTile, k, n, blockEnd, yRow, bias, accumulate);
      row += 2;
    }
    if (row < m) {
      const xTile = x + <usize>row * xRow;
      const yTile = y + <usize>row * yRow;
      for (let n = blockStart; n < blockEnd; n += 8)
        tile1x8<W>(xTile, w + <usize>n * wRow, yTile, k, n, blockEnd, bias, accumulate);
    }
  }
}

/**
 * Reads one word of every cache line, so that a block arrives from memory with as many lines in flight as the processor
 * can have; the tiles, busy multiplying, would wait for a few at a time. Nearly doubles batches of four to eight rows.
 */
function fetch(at: usize, bytes: usize): void {
  const end = at + bytes;
  let all = 0;
  for (; at < end; at += 256) {
    all |= load<i32>(at);
    all |= load<i32>(at, 64);
    all |= load<i32>(at, 128);
    all |= load<i32>(at, 192);
  }
  fetched = all;
}

/** Keeps the reads of fetch() from being optimised away. */
let fetched: i32 = 0;

function finish(sums: v128, y: usize, n: i32, nEnd: i32, bias: usize, accumulate: i32): void {
  if (n >= nEnd) return;
  let sum = sumLanes(sums);
  const at = y + ((<usize>n) << 2);
  if (bias != 0) sum += load<f32>(bias + ((<usize>n) << 2));
  if (accumulate) sum += load<f32>(at);
  store<f32>(at, sum);
}

function tile4x2<W>(
  x: usize,
  w: usize,
  y: usize,
  k: i32,
  n: i32,
  nEnd: i32,
  yRow: usize,
  bias: usize,
  accumulate: i32,
): void {
  const xRow = (<usize>k) << 2;
  const wRow = <usize>k * sizeof<W>();
  let a0 = f32x4.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0;
  let b0 = a0,
    b1 = a0,
    b2 = a0,
    b3 = a0;
  const x1 = xRow,
    x2 = xRow * 2,
    x3 = xRow * 3;
  const end = x + xRow;
  for (let at = x; at < end; at += 32, w += 8 * sizeof<W>()) {
    let wa = lowHalf<W>(w);
    let wb = lowHalf<W>(w + wRow);
    let row = v128.load(at);
    a0 = madd(row, wa, a0);
    b0 = madd(row, wb, b0);
    row = v128.load(at + x1);
    a1 = madd(row, wa, a1);
    b1 = madd(row, wb, b1);
    row = v128.load(at + x2);
    a2 = madd(row, wa, a2);
    b2 = madd(row, wb, b2);
    row = v128.load(at + x3);
    a3 = madd(row, wa, a3);
    b3 = madd(row, wb, b3);
    wa = highHalf<W>(w);
    wb = highHalf<W>(w + wRow);
    row = v128.load(at, 16);
    a0 = madd(row, wa, a0);
    b0 = madd(row, wb, b0);
    row = v128.load(at + x1, 16);
    a1 = madd(row, wa, a1);
    b1 = madd(row, wb, b1);
    row = v128.load(at + x2, 16);
    a2 = madd(row, wa, a2);
    b2 = madd(row, wb, b2);
    row = v128.load(at + x3, 16);
    a3 = madd(row, wa, a3);
    b3 = madd(row, wb, b3);
  }
  finish(a0, y, n, nEnd, bias, accumulate);
  finish(b0, y, n + 1, nEnd, bias, accumulate);
  finish(a1, y + yRow, n, nEnd, bias, accumulate);
  finish(b1, y + yRow, n + 1, nEnd, bias, accumulate);
  finish(a2, y + yRow * 2, n, nEnd, bias, accumulate);
  finish(b2, y + yRow * 2, n + 1, nEnd, bias, accumulate);
  finish(a3, y + yRow * 3, n, nEnd, bias, accumulate);
  finish(b3, y + yRow * 3, n + 1, nEnd, bias, accumulate);
}

function tile2x4<W>(
  x: usize,
  w: usize,
  y: usize,
  k: i32,
  n: i32,
  nEnd: i32,
  yRow: usize,
  bias: usize,
  accumulate: i32,
): void {
  const xRow = (<usize>k) << 2;
  const wRow = <usize>k * sizeof<W>();
  let a0 = f32x4.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0;
  let b0 = a0,
    b1 = a0,
    b2 = a0,
    b3 = a0;
  const w1 = wRow,
    w2 = wRow * 2,
    w3 = wRow * 3;
  const end = x + xRow;
  for (let at = x; at < end; at += 32, w += 8 * sizeof<W>()) {
    let xa = v128.load(at);
    let xb = v128.load(at + xRow);
    let row = lowHalf<W>(w);
    a0 = madd(xa, row, a0);
    b0 = madd(xb, row, b0);
    row = lowHalf<W>(w + w1);
    a1 = madd(xa, row, a1);
    b1 = madd(xb, row, b1);
    row = lowHalf<W>(w + w2);
    a2 = madd(xa, row, a2);
    b2 = madd(xb, row, b2);
    row = lowHalf<W>(w + w3);
    a3 = madd(xa, row, a3);
    b3 = madd(xb, row, b3);
    xa = v128.load(at, 16);
    xb = v128.load(at + xRow, 16);
    row = highHalf<W>(w);
    a0 = madd(xa, row, a0);
    b0 = madd(xb, row, b0);
    row = highHalf<W>(w + w1);
    a1 = madd(xa, row, a1);
    b1 = madd(xb, row, b1);
    row = highHalf<W>(w + w2);
    a2 = madd(xa, row, a2);
    b2 = madd(xb, row, b2);
    row = highHalf<W>(w + w3);
    a3 = madd(xa, row, a3);
    b3 = madd(xb, row, b3);
  }
  finish(a0, y, n, nEnd, bias, accumulate);
  finish(a1, y, n + 1, nEnd, bias, accumulate);
  finish(a2, y, n + 2, nEnd, bias, accumulate);
  finish(a3, y, n + 3, nEnd, bias, accumulate);
  finish(b0, y + yRow, n, nEnd, bias, accumulate);
  finish(b1, y + yRow, n + 1, nEnd, bias, accumulate);
  finish(b2, y + yRow, n + 2, nEnd, bias, accumulate);
  finish(b3, y + yRow, n + 3, nEnd, bias, accumulate);
}

function tile1x8<W>(
  x: usize,
  w: usize,
  y: usize,
  k: i32,
  n: i32,
  nEnd: i32,
  bias: usize,
  accumulate: i32,
): void {
  const xRow = (<usize>k) << 2;
  const wRow = <usize>k * sizeof<W>();
  let a0 = f32x4.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0;
  let a4 = a0,
    a5 = a0,
    a6 = a0,
    a7 = a0;
  const w1 = wRow,
    w2 = wRow * 2,
    w3 = wRow * 3,
    w4 = wRow * 4,
    w5 = wRow * 5,
    w6 = wRow * 6,
    w7 = wRow * 7;
  const end = x + xRow;
  for (let at = x; at < end; at += 32, w += 8 * sizeof<W>()) {
    const low = v128.load(at);
    const high = v128.load(at, 16);
    a0 = madd(high, highHalf<W>(w), madd(low, lowHalf<W>(w), a0));
    a1 = madd(high, highHalf<W>(w + w1), madd(low, lowHalf<W>(w + w1), a1));
    a2 = madd(high, highHalf<W>(w + w2), madd(low, lowHalf<W>(w + w2), a2));
    a3 = madd(high, highHalf<W>(w + w3), madd(low, lowHalf<W>(w + w3), a3));
    a4 = madd(high, highHalf<W>(w + w4), madd(low, lowHalf<W>(w + w4), a4));
    a5 = madd(high, highHalf<W>(w + w5), madd(low, lowHalf<W>(w + w5), a5));
    a6 = madd(high, highHalf<W>(w + w6), madd(low, lowHalf<W>(w + w6), a6));
    a7 = madd(high, highHalf<W>(w + w7), madd(low, lowHalf<W>(w + w7), a7));
  }
  finish(a0, y, n, nEnd, bias, accumulate);
  finish(a1, y, n + 1, nEnd, bias, accumulate);
  finish(a2, y, n + 2, nEnd, bias, accumulate);
  finish(a3, y, n + 3, nEnd, bias, accumulate);
  finish(a4, y, n + 4, nEnd, bias, accumulate);
  finish(a5, y, n + 5, nEnd, bias, accumulate);
  finish(a6, y, n + 6, nEnd, bias, accumulate);
  finish(a7, y, n + 7, nEnd, bias, accumulate);
}
