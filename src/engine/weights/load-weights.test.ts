import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isPenstockError } from "../../errors/mod.ts";
import { readSafetensorsHeader } from "../../model-facts/mod.ts";
import { plainKernels } from "../kernels/plain/plain-kernels.ts";
import { packedIndex } from "../kernels/plain/views.ts";
import { loadWeights, storedDtype } from "./load-weights.ts";

const values = Array.from({ length: 24 }, (_, i) => (i - 12) / 4);
const halves = Uint16Array.from(values, toHalf);
const brains = Uint16Array.from(
  new Uint16Array(Float32Array.from(values).buffer).filter((_, i) => i % 2 === 1),
);
const stored = { F32: Float32Array.from(values), F16: halves, BF16: brains } as const;

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "penstock-"));
});
after(() => rmSync(directory, { recursive: true }));

/** Half precision of the small multiples of a quarter that are used here. */
function toHalf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) + (exponent + 15) * 1024 + fraction;
}

function writeTensor(dtype: string, data: ArrayBufferView): string {
  const file = join(directory, `${dtype}.safetensors`);
  const entry = { dtype, shape: [3, 8], data_offsets: [0, data.byteLength] };
  const header = Buffer.from(JSON.stringify({ w: entry }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(file, Buffer.concat([length, header, bytes]));
  return file;
}

async function load(file: string, dtype: "float32" | "bfloat16", progress: number[] = []) {
  const buffer = new SharedArrayBuffer(4_096);
  const tensor = (await readSafetensorsHeader(file)).get("w")!;
  await loadWeights([{ tensor, address: 1_024, dtype }], {
    kernels: plainKernels(buffer),
    buffer,
    // 32 bytes at a time, so that every tensor takes several reads.
    staging: { stored: 0, widened: 64, bytes: 32 },
    onProgress: (done) => progress.push(done),
  });
  if (dtype === "float32") return [...new Float32Array(buffer, 1_024, 24)];
  const words = new Uint16Array(buffer, 1_024, 24);
  return values.map((_, i) => words[packedIndex(i)]!);
}

for (const dtype of ["F32", "F16", "BF16"] as const) {
  test(`loadWeights() brings ${dtype} to float32 and to packed bfloat16`, async () => {
    const file = writeTensor(dtype, stored[dtype]);
    const progress: number[] = [];
    assert.deepEqual(await load(file, "float32", progress), values);
    assert.deepEqual(await load(file, "bfloat16"), [...brains]);
    assert(progress.length > 1 && progress.at(-1) === 1);
  });
}

test("loadWeights() refuses dtypes that are no weights", async () => {
  const file = writeTensor("I16", halves);
  await assert.rejects(load(file, "float32"), (error) => {
    assert(isPenstockError(error));
    assert.equal(error.code, "MODEL_DTYPE_UNSUPPORTED");
    assert.match(error.message, /"w" has dtype I16, supported are F32, F16, BF16/);
    return true;
  });
});

test("loadWeights() notices a file that shrinks after its header was read", async () => {
  const file = writeTensor("F32", stored.F32);
  const tensor = (await readSafetensorsHeader(file)).get("w")!;
  truncateSync(file, tensor.fileOffset + 40);
  const buffer = new SharedArrayBuffer(4_096);
  const staging = { stored: 0, widened: 64, bytes: 32 };
  const loader = { kernels: plainKernels(buffer), buffer, staging };
  await assert.rejects(loadWeights([{ tensor, address: 1_024, dtype: "float32" }], loader), {
    code: "MODEL_SAFETENSORS_TRUNCATED",
  });
});

test("storedDtype() keeps bfloat16 only where every matrix is stored so", async () => {
  const f32 = (await readSafetensorsHeader(writeTensor("F32", stored.F32))).get("w")!;
  const bf16 = (await readSafetensorsHeader(writeTensor("BF16", brains))).get("w")!;
  assert.equal(storedDtype([bf16, bf16]), "bfloat16");
  assert.equal(storedDtype([bf16, f32]), "float32");
});
