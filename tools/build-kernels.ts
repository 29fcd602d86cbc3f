/**
 * Compiles the AssemblyScript kernels to `build/kernels.wasm`. Prints nothing unless the compiler complains.
 *
 *   node tools/build-kernels.ts
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import asc from "assemblyscript/asc";

const root = dirname(import.meta.dirname);
const output = join(root, "build", "kernels.wasm");
const entry = "src/engine/kernels/assembly/index.ts";

const options = [
  ...["-O3", "--runtime", "stub", "--noAssert"],
  ...["--enable", "simd", "--enable", "relaxed-simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
];

process.exitCode = await buildKernels();

/** The exit code: 0 when build/kernels.wasm is written. */
async function buildKernels(): Promise<number> {
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [entry, ...options, "--outFile", "kernels.wasm", "--baseDir", root],
    {
      writeFile: (_name, contents) => {
        binary = contents as Uint8Array;
      },
    },
  );
  if (error !== null || binary === null) {
    process.stderr.write(`${stderr.toString()}${error?.message ?? "no output"}\n`);
    return 1;
  }
  mkdirSync(dirname(output), { recursive: true });
  // Renamed into place, so that a process that starts meanwhile never reads half a file.
  const partial = `${output}.${process.pid}`;
  writeFileSync(partial, binary);
  renameSync(partial, output);
  return 0;
}
