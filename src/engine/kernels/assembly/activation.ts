import { exp } from "./lanes";

/** gate = silu(gate) · up on columns start to end, both multiples of eight, of every row. */
export function siluMul(
  gate: usize,
  up: usize,
  rows: i32,
  start: i32,
  end: i32,
  stride: i32,
): void {
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>row * <usize>stride) << 2;
    const last = offset + ((<usize>end) << 2);
    for (let at = offset + ((<usize>start) << 2); at < last; at += 16) {
      const x = v128.load(gate + at);
      const sigmoid = f32x4.div(x, f32x4.add(one, exp(f32x4.neg(x))));
      v128.store(gate + at, f32x4.mul(sigmoid, v128.load(up + at)));
    }
  }
}
