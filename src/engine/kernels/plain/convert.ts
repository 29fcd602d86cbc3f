import type { Kernels } from "../kernels.ts";
import { bitsOfFloat, packedIndex, type Views } from "./views.ts";

export function plainWidenBf16({ u16, u32 }: Views): Kernels["widenBf16"] {
  return (from, to, count) => {
    for (let i = 0; i < count; i++) u32[to / 4 + i] = u16[from / 2 + i]! * 2 ** 16;
  };
}

export function plainWidenF16({ u16, f32 }: Views): Kernels["widenF16"] {
  return (from, to, count) => {
    for (let i = 0; i < count; i++) f32[to / 4 + i] = halfToNumber(u16[from / 2 + i]!);
  };
}

/** The value of an IEEE half precision number. */
function halfToNumber(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function plainPackBf16({ u16, f32 }: Views): Kernels["packBf16"] {
  return (from, to, count) => {
    for (let i = 0; i < count; i++) u16[to / 2 + packedIndex(i)] = toBf16(f32[from / 4 + i]!);
  };
}

/** To nearest even: half a step is added, and the last kept bit decides the middle. */
function toBf16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = bitsOfFloat(value);
  const odd = (bits >>> 16) & 1;
  return Math.floor((bits + 0x7fff + odd) / 2 ** 16);
}
