import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { isPenstockError } from "../errors/mod.ts";
import { parseSafetensorsHeader, readSafetensorsHeader } from "./safetensors-header.ts";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "penstock-"));
});
after(() => rmSync(directory, { recursive: true }));

const right = {
  __metadata__: { format: "pt" },
  a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: "BF16", shape: [], data_offsets: [24, 26] },
};

function fileOf(header: unknown, dataBytes: number, headerBytes?: number): string {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes ?? text.length));
  const file = join(directory, "model.safetensors");
  writeFileSync(file, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
  return file;
}

async function assertRefused(file: string, code: string, pattern: RegExp): Promise<void> {
  await assert.rejects(readSafetensorsHeader(file), (error) => {
    assert(isPenstockError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    assert(error.message.includes(directory));
    return true;
  });
}

test("readSafetensorsHeader() tells where each tensor lies", async () => {
  const file = fileOf(right, 26);
  const tensors = await readSafetensorsHeader(file);
  const dataOffset = 8 + JSON.stringify(right).length;
  assert.deepEqual([...tensors.keys()], ["a", "b"]);
  assert.deepEqual(tensors.get("b"), {
    name: "b",
    file,
    dtype: "BF16",
    shape: [],
    fileOffset: dataOffset + 24,
    byteLength: 2,
  });
});

test("readSafetensorsHeader() refuses a file that is cut off", async () => {
  await assertRefused(fileOf(right, 25), "MODEL_SAFETENSORS_TRUNCATED", /needs/);
  const file = join(directory, "model.safetensors");
  writeFileSync(file, "abc");
  await assertRefused(file, "MODEL_SAFETENSORS_TRUNCATED", /has 3 bytes, its header needs 8/);
});

test("readSafetensorsHeader() refuses a header larger than the file or the format allows", async () => {
  await assertRefused(fileOf("{}", 0, 5_000), "MODEL_SAFETENSORS_TRUNCATED", /needs 5008/);
  await assertRefused(fileOf("{}", 0, 2e8), "MODEL_SAFETENSORS_INVALID", /at most 100000000/);
});

test("readSafetensorsHeader() refuses a header that contradicts itself", async () => {
  const wrong = (change: object, pattern: RegExp, code = "MODEL_SAFETENSORS_INVALID") =>
    assertRefused(fileOf({ ...right, a: { ...right.a, ...change } }, 26), code, pattern);
  await wrong({ shape: [2, 4] }, /"a" spans 24 bytes, expected 32 for F32 \[2, 4\]/);
  await wrong({ data_offsets: [2, 26] }, /"b" overlaps "a"/);
  await wrong({ data_offsets: [26, 2] }, /\[begin, end\]/);
  await wrong({ data_offsets: null }, /data_offsets null/);
  await wrong({ shape: [-2, 3] }, /list of sizes/);
  await wrong({ dtype: "F4" }, /"a" has dtype "F4"/, "MODEL_DTYPE_UNSUPPORTED");
  await assertRefused(fileOf({ a: 7 }, 0), "MODEL_SAFETENSORS_INVALID", /"a" is 7/);
  await assertRefused(fileOf("[]", 0), "MODEL_JSON_INVALID", /one JSON object/);
  await assertRefused(fileOf("{", 0), "MODEL_JSON_INVALID", /not JSON/);
});

test("readSafetensorsHeader() refuses a header that is not UTF-8, whose tensors would be read from elsewhere", async () => {
  const file = fileOf({ ...right, __metadata__: { note: "x" } }, 26);
  const bytes = readFileSync(file);
  bytes[bytes.indexOf('"x"') + 1] = 0xff;
  writeFileSync(file, bytes);
  await assertRefused(file, "MODEL_SAFETENSORS_INVALID", /bytes that are no text/);
});

test("readSafetensorsHeader() tells a missing file from an unreadable one", async () => {
  await assertRefused(join(directory, "none"), "MODEL_FILE_MISSING", /"none" is missing/);
  mkdirSync(join(directory, "folder"));
  await assertRefused(join(directory, "folder"), "MODEL_FILE_UNREADABLE", /EISDIR/);
});

test("parseSafetensorsHeader() throws nothing but PenstockErrors, whatever a header holds", () => {
  const entry = fc.record({
    dtype: fc.constantFrom("F32", "BF16", "constructor", 7),
    shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 4 })), fc.jsonValue()),
    data_offsets: fc.oneof(fc.array(fc.integer({ min: -1, max: 64 })), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())), (header) => {
      try {
        parseSafetensorsHeader("f", JSON.stringify(header), 1_000);
      } catch (error) {
        assert(isPenstockError(error), String(error));
      }
    }),
  );
});
