import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const program = join(import.meta.dirname, "programs", "fake-vllm.ts");

export interface FakeMachineOptions {
  readonly vllmVersion?: string;
  /** Seconds that nvidia-smi takes to answer. */
  readonly answersAfterSeconds?: number;
  /** MiB of each GPU: all, and free. */
  readonly gpus?: readonly { readonly total: number; readonly free: number }[];
}

/** Makes a folder with a `vllm` and an `nvidia-smi` that tells of GPUs, to be put first on PATH. */
export function makeFakeMachine(directory: string, options: FakeMachineOptions = {}): string {
  const { vllmVersion = "0.33.0", gpus = [], answersAfterSeconds = 0 } = options;
  const bin = join(directory, "bin");
  const info = `vllm-${vllmVersion}.dist-info`;
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(directory, "lib", "python3.12", "site-packages", info), { recursive: true });
  const lines = gpus.map(({ total, free }, index) => `${index}, NVIDIA H100, ${total}, ${free}`);
  writeProgram(join(bin, "vllm"), `exec '${process.execPath}' '${program}' "$@"`);
  writeProgram(
    join(bin, "nvidia-smi"),
    `sleep ${answersAfterSeconds}; cat <<'END'\n${lines.join("\n")}\nEND`,
  );
  return bin;
}

function writeProgram(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o700 });
}
