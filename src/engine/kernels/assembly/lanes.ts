// Small pieces of four f32 lanes that every kernel uses.

/** a · b + sum, rounded once. */
export function madd(a: v128, b: v128, sum: v128): v128 {
  return f32x4.relaxed_madd(a, b, sum);
}

/** (lane 0 + lane 2) + (lane 1 + lane 3) */
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(
    v,
    i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

export function maxLanes(v: v128): f32 {
  const pairs = f32x4.max(
    v,
    i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** Weights 0 to 3 of a group of eight, as f32; the type argument is the stored weight, u16 for packed bf16. */
export function lowHalf<W>(group: usize): v128 {
  if (sizeof<W>() == 2) return i32x4.shl(v128.load(group), 16);
  return v128.load(group);
}

/** Weights 4 to 7 of a group of eight, as f32. */
export function highHalf<W>(group: usize): v128 {
  if (sizeof<W>() == 2) return v128.and(v128.load(group), i32x4.splat(0xffff0000));
  return v128.load(group, 16);
}

const smallestInput: f32 = -87.33654; // Below it the result is no longer a normal f32.
const largestInput: f32 = 88.37626;
const log2e: f32 = 1.44269504088896341;
const ln2High: f32 = 0.693359375; // Few bits, so that its product with a whole number is exact.
const ln2Low: f32 = -2.1219444e-4;

/**
 * eˣ in four lanes, within 2e-7 of the true value, relatively. Cephes' expf: x = n·ln 2 + r, a polynomial in r, and n
 * added to the exponent. Below -87.3 it is 0, above 88.3 it stays at e^88.3; NaN stays NaN.
 */
export function exp(input: v128): v128 {
  // pmin and pmax return their first operand where a NaN makes the comparison false.
  const x = f32x4.pmax(f32x4.pmin(input, f32x4.splat(largestInput)), f32x4.splat(smallestInput));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(log2e)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(ln2High)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(ln2Low)));
  let p = f32x4.splat(1.98756915e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  const isTooSmall = f32x4.lt(input, f32x4.splat(smallestInput));
  return v128.andnot(f32x4.mul(p, exponent), isTooSmall);
}
