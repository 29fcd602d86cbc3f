import assert from "node:assert/strict";
import { test } from "node:test";
import { writeAttentionShape, type Kernels } from "./kernels.ts";
import { plainKernels } from "./plain/plain-kernels.ts";
import { compileKernels, createMemory, instantiateKernels } from "./wasm-kernels.ts";

const memoryBytes = 4 * 1024 * 1024;
const module = compileKernels();

/** One memory with one implementation on it, filled with the same noise each time. */
class Bench {
  readonly kernels: Kernels;
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly buffer: ArrayBufferLike;
  #end = 65_536;

  constructor(kind: "wasm" | "plain") {
    const memory = createMemory(memoryBytes);
    this.buffer = memory.buffer;
    this.kernels =
      kind === "wasm" ? instantiateKernels(module, memory) : plainKernels(memory.buffer);
    this.f32 = new Float32Array(this.buffer);
    this.u32 = new Uint32Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
  }

  place(values: ArrayLike<number>, kind: "f32" | "u32" | "u16" = "f32"): number {
    const address = this.#end;
    this[kind].set(values, address / this[kind].BYTES_PER_ELEMENT);
    this.#end += Math.ceil((values.length * 4 + 64) / 64) * 64;
    assert(this.#end < memoryBytes);
    return address;
  }

  floats(address: number, count: number): Float32Array {
    return this.f32.slice(address / 4, address / 4 + count);
  }

  packed(values: Float32Array): number {
    const address = this.place(new Float32Array(values.length));
    this.kernels.packBf16(this.place(values), address, values.length);
    return address;
  }
}

function noise(length: number, seed: number, scale = 1): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * scale;
  });
}

/** Runs the work on both implementations; they agree within the tolerance, relative to the largest value. */
function assertTwins(work: (bench: Bench) => Float32Array, tolerance = 2e-6): void {
  const wasm = work(new Bench("wasm"));
  const plain = work(new Bench("plain"));
  assert.equal(wasm.length, plain.length);
  const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  assert(plain.every(Number.isFinite) && largest > 1e-20);
  for (const [i, value] of wasm.entries()) {
    const error = Math.abs(value - plain[i]!) / largest;
    assert(error <= tolerance, `element ${i}: ${value}, wanted ${plain[i]}`);
  }
}

for (const dtype of ["f32", "bf16"] as const) {
  const runGemm = (bench: Bench, m: number, n: number, withSums: boolean) => {
    const k = 40;
    const weights = new Float32Array(Math.ceil(n / 8) * 8 * k);
    weights.set(noise(n * k, 2));
    const x = bench.place(noise(m * k, 1));
    const w = dtype === "f32" ? bench.place(weights) : bench.packed(weights);
    const y = bench.place(noise(m * (n + 3), 3));
    const bias = withSums ? bench.place(noise(n, 4)) : 0;
    const gemm = dtype === "f32" ? bench.kernels.gemmF32 : bench.kernels.gemmBf16;
    gemm(x, w, y, m, k, 0, n, n + 3, bias, withSums ? 1 : 0);
    return bench.floats(y, m * (n + 3));
  };

  test(`gemm agrees with its twin for ${dtype}, whatever tiles the shape falls into`, () => {
    for (const m of [1, 2, 3, 4, 5, 7, 8])
      for (const n of [1, 7, 8, 19])
        assertTwins((bench) => runGemm(bench, m, n, m % 2 === 0), 1e-5);
  });

  test(`gemm gives a row the same bits alone, in a batch and in column ranges for ${dtype}`, () => {
    const [m, n, k] = [7, 24, 64];
    const bench = new Bench("wasm");
    const x = bench.place(noise(m * k, 1));
    const w = dtype === "f32" ? bench.place(noise(n * k, 2)) : bench.packed(noise(n * k, 2));
    const y = bench.place(new Float32Array(m * n));
    const gemm = dtype === "f32" ? bench.kernels.gemmF32 : bench.kernels.gemmBf16;
    gemm(x, w, y, m, k, 0, n, n, 0, 0);
    const together = bench.floats(y, m * n);
    bench.f32.fill(0, y / 4, y / 4 + m * n);
    for (let row = 0; row < m; row++)
      for (const [start, end] of [
        [0, 8],
        [8, 24],
      ] as const)
        gemm(x + row * k * 4, w, y + row * n * 4, 1, k, start, end, n, 0, 0);
    assert.deepEqual(bench.floats(y, m * n), together);
  });

  test(`gatherRows agrees with its twin for ${dtype}`, () => {
    assertTwins((bench) => {
      const values = noise(5 * 24, 1);
      const table = dtype === "f32" ? bench.place(values) : bench.packed(values);
      const ids = bench.place([4, 0, 4], "u32");
      const out = bench.place(new Float32Array(3 * 24));
      const { gatherRowsBf16, gatherRowsF32 } = bench.kernels;
      (dtype === "f32" ? gatherRowsF32 : gatherRowsBf16)(table, ids, out, 3, 24);
      return bench.floats(out, 3 * 24);
    }, 0);
  });
}

test("rmsNorm() agrees with its twin, in place and with a stride", () => {
  assertTwins((bench) => {
    const x = bench.place(noise(3 * 40, 1, 5));
    bench.kernels.rmsNorm(x, bench.place(noise(24, 2)), x, 3, 24, 40, 1e-6);
    return bench.floats(x, 3 * 40);
  });
});

test("rope() agrees with its twin", () => {
  assertTwins((bench) => {
    const x = bench.place(noise(3 * 40, 1));
    bench.kernels.rope(x, bench.place(noise(3 * 16, 2)), 3, 40, 16);
    return bench.floats(x, 3 * 40);
  });
});

test("siluMul() is within 1e-6 of silu, relatively, over the whole range", () => {
  const x = Float32Array.from({ length: 4096 }, (_, i) => (i - 2048) / 24 + 0.01);
  const bench = new Bench("wasm");
  const gate = bench.place(x);
  bench.kernels.siluMul(gate, bench.place(x.map(() => 1)), 1, 0, x.length, x.length);
  for (const [i, value] of bench.floats(gate, x.length).entries()) {
    const wanted = x[i]! / (1 + Math.exp(-x[i]!));
    assert(
      Math.abs(value - wanted) <= 1e-6 * Math.abs(wanted) + 1e-37,
      `silu(${x[i]}) is ${value}`,
    );
  }
});

test("siluMul() touches its columns only and keeps NaN", () => {
  const run = (bench: Bench) => {
    const gate = bench.place(noise(2 * 32, 1, 20));
    bench.kernels.siluMul(gate, bench.place(noise(2 * 32, 2)), 2, 8, 24, 32);
    return bench.floats(gate, 2 * 32);
  };
  assertTwins(run);
  const bench = new Bench("wasm");
  const gate = bench.place([NaN, 1, 1, 1, Infinity, -Infinity, 200, -200]);
  bench.kernels.siluMul(gate, bench.place(new Float32Array(8).fill(1)), 1, 0, 8, 8);
  const [first, , , , infinite, , large] = bench.floats(gate, 8);
  assert.deepEqual([first, infinite, large], [NaN, Infinity, 200]);
});

test("scatterRows() and addScaledRows() agree with their twins", () => {
  assertTwins((bench) => {
    const base = bench.place(noise(200, 1));
    const x = bench.place(noise(3 * 24, 2));
    bench.kernels.scatterRows(x, 24, base, bench.place([32, 0, 100], "u32"), 3, 16);
    return bench.floats(base, 200);
  }, 0);
  assertTwins((bench) => {
    const y = bench.place(noise(4 * 24, 1));
    const ids = bench.place([3, 0, 3], "u32");
    const scales = bench.place(noise(3, 3));
    bench.kernels.addScaledRows(bench.place(noise(3 * 24, 2)), scales, ids, y, 3, 8, 24, 24);
    return bench.floats(y, 4 * 24);
  });
});

interface AttentionCase {
  readonly headDim: number;
  readonly blockSize: number;
  readonly positions: number;
}

/** Attention of the last tokenCount positions of one head out of two. */
function attend(
  bench: Bench,
  { headDim, blockSize, positions }: AttentionCase,
  tokenCount: number,
) {
  const blocks = Math.ceil(positions / blockSize) + 1;
  const blockStride = 2 * blockSize * headDim;
  const shape = bench.place(new Float32Array(8));
  const strides = { queryStride: headDim + 8, outStride: headDim };
  const scale = 1 / Math.sqrt(headDim);
  writeAttentionShape(bench.buffer, shape, { headDim, blockSize, blockStride, ...strides, scale });
  const table = Array.from({ length: blocks - 1 }, (_, i) => blocks - 1 - i);
  const headBytes = blockSize * headDim * 4;
  const keys = bench.place(noise(blocks * blockStride, 1, 3)) + headBytes;
  const values = bench.place(noise(blocks * blockStride, 2)) + headBytes;
  const q = bench.place(noise(positions * strides.queryStride, 3, 3));
  const out = bench.place(new Float32Array(positions * headDim));
  const first = positions - tokenCount;
  bench.kernels.attention(
    q + first * strides.queryStride * 4,
    out,
    tokenCount,
    first,
    bench.place(table, "u32"),
    keys,
    values,
    bench.place(new Float32Array(positions + 4)),
    shape,
  );
  return bench.floats(out, tokenCount * headDim);
}

const attentionCases: readonly AttentionCase[] = [
  { headDim: 8, blockSize: 16, positions: 5 },
  { headDim: 48, blockSize: 16, positions: 33 },
  { headDim: 128, blockSize: 7, positions: 30 },
  { headDim: 64, blockSize: 1, positions: 9 },
];

test("attention() agrees with its twin over head and block sizes", () => {
  for (const shape of attentionCases) {
    assertTwins((bench) => attend(bench, shape, shape.positions));
    assertTwins((bench) => attend(bench, shape, 1));
  }
});

test("attention() gives a token the same bits alone and with others", () => {
  for (const shape of attentionCases) {
    const alone = attend(new Bench("wasm"), shape, 1);
    const together = attend(new Bench("wasm"), shape, shape.positions);
    assert.deepEqual(together.slice(-shape.headDim), alone);
  }
});

test("widenF16() and widenBf16() are exact for all 65,536 numbers", () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  for (const name of ["widenF16", "widenBf16"] as const) {
    const widen = (bench: Bench) => {
      const out = bench.place(new Float32Array(all.length));
      bench.kernels[name](bench.place(all, "u16"), out, all.length);
      // Compared as numbers: the payload of a NaN is nobody's business.
      return [...bench.floats(out, all.length)];
    };
    assert.deepEqual(widen(new Bench("wasm")), widen(new Bench("plain")));
  }
});

test("packBf16() rounds to nearest even and keeps infinities and NaN", () => {
  const cases = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -3.4e38, Infinity];
  const values = Float32Array.from([...cases, NaN, -0]);
  const unpack = (bench: Bench) => {
    const out = bench.place(new Float32Array(8));
    bench.kernels.gatherRowsBf16(bench.packed(values), bench.place([0], "u32"), out, 1, 8);
    return [...bench.floats(out, 8)];
  };
  const wanted = [1, 1, 1 + 2 ** -6, 1 + 2 ** -7, -Infinity, Infinity, NaN, -0];
  assert.deepEqual(unpack(new Bench("wasm")), wanted);
  assert.deepEqual(unpack(new Bench("plain")), wanted);
  const many = noise(4096, 1, 1e3);
  const pack = (bench: Bench) => {
    const at = bench.packed(many);
    return bench.u16.slice(at / 2, at / 2 + many.length);
  };
  assert.deepEqual(pack(new Bench("wasm")), pack(new Bench("plain")));
});
