import type { Kernels } from "../kernels.ts";
import type { Views } from "./views.ts";

/** One token after another, one score after another, in double precision. */
export function plainAttention({ f32, u32 }: Views): Kernels["attention"] {
  return (q, out, tokenCount, firstPosition, blockTable, keys, values, _scores, shape) => {
    const [headDim, blockSize, blockStride, queryStride, outStride] = [
      ...u32.subarray(shape / 4, shape / 4 + 5),
    ] as [number, number, number, number, number];
    const scale = f32[shape / 4 + 5]!;
    const rowOf = (cache: number, position: number) => {
      const block = u32[blockTable / 4 + Math.floor(position / blockSize)]!;
      return cache / 4 + block * blockStride + (position % blockSize) * headDim;
    };
    for (let token = 0; token < tokenCount; token++) {
      const query = q / 4 + token * queryStride;
      const scores = Array.from({ length: firstPosition + token + 1 }, (_, position) => {
        const key = rowOf(keys, position);
        let dot = 0;
        for (let i = 0; i < headDim; i++) dot += f32[query + i]! * f32[key + i]!;
        return dot * scale;
      });
      const largest = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - largest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      for (let i = 0; i < headDim; i++) {
        let mixed = 0;
        for (const [position, power] of powers.entries())
          mixed += power * f32[rowOf(values, position) + i]!;
        f32[out / 4 + token * outStride + i] = mixed / total;
      }
    }
  };
}
