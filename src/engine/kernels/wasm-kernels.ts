import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Kernels } from "./kernels.ts";
import { wasmPageBytes } from "./webassembly.ts";

/** Where tools/build-kernels.ts puts the compiled kernels. */
export const kernelsFile = fileURLToPath(new URL("../../../build/kernels.wasm", import.meta.url));

/** Throws what reading the file or WebAssembly throws. */
export function compileKernels(file = kernelsFile): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(file));
}

/** The kernels over a shared memory; every thread makes its own from the same module and memory. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}

/** A shared memory of exactly so many bytes, rounded up to pages. Throws RangeError where the system has no room. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / wasmPageBytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
