import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { scratchDirectory } from "../test-support/scratch-directory.ts";
import { findGpus } from "./find-gpus.ts";

/** A program that does what the lines of a shell script say. */
function fakeSmi(context: TestContext, ...lines: readonly string[]): string {
  const file = join(scratchDirectory(context), "nvidia-smi");
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o700 });
  return file;
}

test("findGpus() reads names and memory of every GPU, and asks for them in MiB", async (context) => {
  const program = fakeSmi(
    context,
    '[ "$*" = "--query-gpu=index,name,memory.total,memory.free --format=csv,noheader,nounits" ] || exit 9',
    'echo "0, NVIDIA H100 80GB HBM3, 81559, 1000"',
    'echo "1, NVIDIA GB10, [N/A], [N/A]"',
  );
  assert.deepEqual(await findGpus(program), {
    gpus: [
      {
        index: 0,
        name: "NVIDIA H100 80GB HBM3",
        totalBytes: 81_559 * 1_048_576,
        freeBytes: 1_048_576_000,
      },
      { index: 1, name: "NVIDIA GB10", totalBytes: null, freeBytes: null },
    ],
    reason: null,
  });
});

test("findGpus() says why it sees none", async (context) => {
  const reasonOf = async (program: string) => (await findGpus(program)).reason;
  assert.equal(await reasonOf("/no/such/nvidia-smi"), "there is no nvidia-smi on PATH");
  const broken = fakeSmi(context, 'echo "NVIDIA-SMI has failed', 'to talk to the driver"; exit 9');
  assert.equal(
    await reasonOf(broken),
    'nvidia-smi says "NVIDIA-SMI has failed to talk to the driver"',
  );
  assert.equal(await reasonOf(fakeSmi(context, "echo nonsense")), "nvidia-smi lists none");
});
