// Conversions of weights while they are loaded.
//
// Packed bf16 stores eight weights in 16 bytes as w0 w4 w1 w5 w2 w6 w3 w7: a shift left of each 32-bit lane then
// gives w0..w3 as f32 and a mask gives w4..w7, both in order.

export function widenBf16(from: usize, to: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++)
    store<u32>(to + (i << 2), (<u32>load<u16>(from + (i << 1))) << 16);
}

/** IEEE half precision: five bits of exponent, ten of fraction. */
export function widenF16(from: usize, to: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i++)
    store<u32>(to + (i << 2), widenHalf(<u32>load<u16>(from + (i << 1))));
}

function widenHalf(half: u32): u32 {
  const sign = (half & 0x8000) << 16;
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return sign | 0x7f800000 | ((magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400) return sign | ((magnitude << 13) + 0x38000000);
  return sign | reinterpret<u32>(<f32>magnitude * <f32>5.9604644775390625e-8); // subnormal: 2^-24 each
}

/** f32 to packed bf16, to nearest even; count is a multiple of eight. */
export function packBf16(from: usize, to: usize, count: i32): void {
  const end = from + ((<usize>count) << 2);
  for (; from < end; from += 32, to += 16) {
    const low = i32x4.shr_u(roundToBf16(v128.load(from)), 16);
    const high = v128.and(roundToBf16(v128.load(from, 16)), i32x4.splat(0xffff0000));
    v128.store(to, v128.or(low, high));
  }
}

/** The upper 16 bits of each lane become the nearest bf16; a NaN stays one, made quiet. */
function roundToBf16(value: v128): v128 {
  const odd = v128.and(i32x4.shr_u(value, 16), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(value, i32x4.splat(0x7fff)), odd);
  const quiet = v128.or(value, i32x4.splat(0x00400000));
  return v128.bitselect(rounded, quiet, f32x4.eq(value, value));
}
