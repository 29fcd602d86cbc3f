import type { Gemm } from "../kernels.ts";
import { floatOfBits, packedIndex, type Views } from "./views.ts";

type WeightAt = (base: number, row: number, column: number) => number;

export function plainGemmF32({ f32 }: Views): (k: number) => WeightAt {
  return (k) => (base, row, column) => f32[base / 4 + row * k + column]!;
}

export function plainGemmBf16({ u16 }: Views): (k: number) => WeightAt {
  return (k) => (base, row, column) =>
    floatOfBits(u16[base / 2 + row * k + packedIndex(column)]! * 2 ** 16);
}

/** y = x · Wᵀ with sums in double precision. */
export function plainGemm({ f32 }: Views, weightAt: (k: number) => WeightAt): Gemm {
  return (x, w, y, m, k, nStart, nEnd, yStride, bias, accumulate) => {
    const weight = weightAt(k);
    for (let row = 0; row < m; row++) {
      for (let n = nStart; n < nEnd; n++) {
        let sum = bias === 0 ? 0 : f32[bias / 4 + n]!;
        for (let i = 0; i < k; i++) sum += f32[x / 4 + row * k + i]! * weight(w, n, i);
        const at = y / 4 + row * yStride + n;
        f32[at] = accumulate === 0 ? sum : f32[at]! + sum;
      }
    }
  };
}
