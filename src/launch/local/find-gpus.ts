import { execFile } from "node:child_process";

/** A GPU of this machine; bytes are null where the driver does not tell, as on machines that share their memory. */
export interface Gpu {
  readonly index: number;
  readonly name: string;
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
}

export interface FoundGpus {
  readonly gpus: readonly Gpu[];
  /** Why there is none to be seen; null where there are. */
  readonly reason: string | null;
}

/** A driver that hangs, as it may with a broken GPU, must not keep the deployment from saying so. */
const timeoutMs = 10_000;
const outputBytesMax = 1_048_576;
const wordsMax = 200;
const query = [
  "--query-gpu=index,name,memory.total,memory.free",
  "--format=csv,noheader,nounits",
] as const;

/** The NVIDIA GPUs of this machine, as `nvidia-smi` tells. */
export function findGpus(nvidiaSmi = "nvidia-smi"): Promise<FoundGpus> {
  const options = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: outputBytesMax } as const;
  return new Promise((resolve) => {
    execFile(nvidiaSmi, query, options, (error, stdout) => {
      if (error !== null) resolve({ gpus: [], reason: whyNot(error, stdout) });
      else resolve(readGpus(stdout));
    });
  });
}

function readGpus(text: string): FoundGpus {
  const gpus = text
    .split("\n")
    .map(readGpu)
    .filter((gpu) => gpu !== undefined);
  return { gpus, reason: gpus.length > 0 ? null : "nvidia-smi lists none" };
}

/** One line: `0, NVIDIA H100 80GB HBM3, 81559, 81008`; undefined for what is no such line. */
function readGpu(line: string): Gpu | undefined {
  const match = /^(\d{1,4}), (.*), ([^,]*), ([^,]*)$/.exec(line.trim());
  if (match === null) return undefined;
  const [, index, name, total, free] = match;
  return {
    index: Number(index),
    name: name!,
    totalBytes: bytesOf(total!),
    freeBytes: bytesOf(free!),
  };
}

/** From MiB; null for `[N/A]` and its like. */
function bytesOf(mebibytes: string): number | null {
  return /^\d{1,9}$/.test(mebibytes) ? Number(mebibytes) * 1_048_576 : null;
}

/** `nvidia-smi` prints its troubles to standard output. */
function whyNot(error: Error & { code?: unknown; killed?: boolean }, stdout: string): string {
  if (error.code === "ENOENT") return "there is no nvidia-smi on PATH";
  if (error.killed === true) return `nvidia-smi did not answer within ${timeoutMs} ms`;
  const words = stdout.trim().replaceAll(/\s+/g, " ").slice(0, wordsMax);
  return `nvidia-smi says "${words || String(error.message.split("\n")[0])}"`;
}
