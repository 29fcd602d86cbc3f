// Kernels that move whole rows. All sizes are multiples of eight.

import { highHalf, lowHalf, madd } from "./lanes";

/** out[i] = table[ids[i]] */
export function gatherRowsF32(table: usize, ids: usize, out: usize, rows: i32, size: i32): void {
  gatherRows<f32>(table, ids, out, rows, size);
}

/** out[i] = table[ids[i]], widened from packed bf16. */
export function gatherRowsBf16(table: usize, ids: usize, out: usize, rows: i32, size: i32): void {
  gatherRows<u16>(table, ids, out, rows, size);
}

function gatherRows<W>(table: usize, ids: usize, out: usize, rows: i32, size: i32): void {
  for (let row = 0; row < rows; row++) {
    let from = table + <usize>load<u32>(ids + ((<usize>row) << 2)) * <usize>size * sizeof<W>();
    const end = out + ((<usize>size) << 2);
    for (; out < end; out += 32, from += 8 * sizeof<W>()) {
      v128.store(out, lowHalf<W>(from));
      v128.store(out, highHalf<W>(from), 16);
    }
  }
}

/** base[offsets[i] .. + size] = x[i], where rows of x begin `stride` elements apart and offsets count elements. */
export function scatterRows(
  x: usize,
  stride: i32,
  base: usize,
  offsets: usize,
  rows: i32,
  size: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const from = x + ((<usize>row * <usize>stride) << 2);
    const to = base + ((<usize>load<u32>(offsets + ((<usize>row) << 2))) << 2);
    memory.copy(to, from, (<usize>size) << 2);
  }
}

/** y[ids[i]] += scales[i] · x[i] on columns start to end, both multiples of eight. */
export function addScaledRows(
  x: usize,
  scales: usize,
  ids: usize,
  y: usize,
  rows: i32,
  start: i32,
  end: i32,
  stride: i32,
): void {
  const rowBytes = (<usize>stride) << 2;
  const last = (<usize>end) << 2;
  for (let row = 0; row < rows; row++) {
    const scale = v128.load32_splat(scales + ((<usize>row) << 2));
    const from = x + <usize>row * rowBytes;
    const to = y + <usize>load<u32>(ids + ((<usize>row) << 2)) * rowBytes;
    for (let at = (<usize>start) << 2; at < last; at += 16)
      v128.store(to + at, madd(scale, v128.load(from + at), v128.load(to + at)));
  }
}
