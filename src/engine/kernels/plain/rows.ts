import type { GatherRows, Kernels } from "../kernels.ts";
import { floatOfBits, packedIndex, type Views } from "./views.ts";

export function plainRmsNorm({ f32 }: Views): Kernels["rmsNorm"] {
  return (x, weight, y, rows, size, stride, eps) => {
    for (let row = 0; row < rows; row++) {
      let squares = 0;
      for (let i = 0; i < size; i++) squares += f32[x / 4 + row * stride + i]! ** 2;
      const scale = 1 / Math.sqrt(squares / size + eps);
      for (let i = 0; i < size; i++) {
        const at = row * stride + i;
        f32[y / 4 + at] = f32[x / 4 + at]! * scale * f32[weight / 4 + i]!;
      }
    }
  };
}

export function plainRope({ f32 }: Views): Kernels["rope"] {
  return (x, table, rows, stride, headDim) => {
    const half = headDim / 2;
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < half; i++) {
        const at = x / 4 + row * stride + i;
        const cosine = f32[table / 4 + row * headDim + i]!;
        const sine = f32[table / 4 + row * headDim + half + i]!;
        const [first, second] = [f32[at]!, f32[at + half]!];
        f32[at] = first * cosine - second * sine;
        f32[at + half] = second * cosine + first * sine;
      }
    }
  };
}

export function plainSiluMul({ f32 }: Views): Kernels["siluMul"] {
  return (gate, up, rows, start, end, stride) => {
    for (let row = 0; row < rows; row++) {
      for (let i = row * stride + start; i < row * stride + end; i++) {
        const x = f32[gate / 4 + i]!;
        f32[gate / 4 + i] = (x / (1 + Math.exp(-x))) * f32[up / 4 + i]!;
      }
    }
  };
}

export function plainGatherRowsF32({ f32, u32 }: Views): GatherRows {
  return (table, ids, out, rows, size) => {
    for (let row = 0; row < rows; row++) {
      const from = table / 4 + u32[ids / 4 + row]! * size;
      f32.copyWithin(out / 4 + row * size, from, from + size);
    }
  };
}

export function plainGatherRowsBf16({ f32, u16, u32 }: Views): GatherRows {
  return (table, ids, out, rows, size) => {
    for (let row = 0; row < rows; row++) {
      const from = table / 2 + u32[ids / 4 + row]! * size;
      for (let i = 0; i < size; i++)
        f32[out / 4 + row * size + i] = floatOfBits(u16[from + packedIndex(i)]! * 2 ** 16);
    }
  };
}

export function plainScatterRows({ f32, u32 }: Views): Kernels["scatterRows"] {
  return (x, stride, base, offsets, rows, size) => {
    for (let row = 0; row < rows; row++) {
      const from = x / 4 + row * stride;
      f32.copyWithin(base / 4 + u32[offsets / 4 + row]!, from, from + size);
    }
  };
}

export function plainAddScaledRows({ f32, u32 }: Views): Kernels["addScaledRows"] {
  return (x, scales, ids, y, rows, start, end, stride) => {
    for (let row = 0; row < rows; row++) {
      const to = y / 4 + u32[ids / 4 + row]! * stride;
      const scale = f32[scales / 4 + row]!;
      for (let i = start; i < end; i++)
        f32[to + i] = f32[to + i]! + scale * f32[x / 4 + row * stride + i]!;
    }
  };
}
