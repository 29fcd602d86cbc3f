/**
 * Compiles the AssemblyScript kernels to `build/kernels.wasm`. Prints nothing unless the compiler complains.
 *
 *   node tools/build-kernels.ts
 *
 * The compiler runs as a program: importing it would bring AssemblyScript's global types into the type check.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const compiler = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
const entry = "src/engine/kernels/assembly/index.ts";
const output = join(root, "build", "kernels.wasm");

const options =
  "-O3 --runtime stub --noAssert --disableWarning 112 --enable simd --enable relaxed-simd " +
  "--enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536";

process.exitCode = buildKernels();

/** The exit code: 0 when build/kernels.wasm is written. */
function buildKernels(): number {
  mkdirSync(dirname(output), { recursive: true });
  // Renamed into place, so that a process that starts meanwhile never reads half a file.
  const partial = `${output}.${process.pid}`;
  const { status } = spawnSync(
    process.execPath,
    [compiler, entry, ...options.split(" "), "--baseDir", root, "--outFile", partial],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  if (status !== 0) {
    rmSync(partial, { force: true });
    return 1;
  }
  renameSync(partial, output);
  return 0;
}
