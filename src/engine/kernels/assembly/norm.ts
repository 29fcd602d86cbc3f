import { madd, sumLanes } from "./lanes";

/** y = x / sqrt(mean(x²) + eps) · weight, for rows that begin `stride` elements apart in both x and y. */
export function rmsNorm(
  x: usize,
  weight: usize,
  y: usize,
  rows: i32,
  size: i32,
  stride: i32,
  eps: f32,
): void {
  const bytes = (<usize>size) << 2;
  for (let row = 0; row < rows; row++) {
    const offset = (<usize>row * <usize>stride) << 2;
    const from = x + offset;
    const to = y + offset;
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 32) {
      const a = v128.load(from + at);
      const b = v128.load(from + at, 16);
      low = madd(a, a, low);
      high = madd(b, b, high);
    }
    const meanSquare = sumLanes(f32x4.add(low, high)) / <f32>size;
    const scale = f32x4.splat(<f32>1 / Mathf.sqrt(meanSquare + eps));
    for (let at: usize = 0; at < bytes; at += 16) {
      const normed = f32x4.mul(v128.load(from + at), scale);
      v128.store(to + at, f32x4.mul(v128.load(weight + at), normed));
    }
  }
}
