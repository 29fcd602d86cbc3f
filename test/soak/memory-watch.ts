import { readFileSync } from "node:fs";

export interface WatchedProcess {
  readonly pid: number;
  /** "router", "engine", "node". */
  readonly kind: string;
}

export interface Growth {
  readonly kind: string;
  readonly pid: number;
  readonly fromMiB: number;
  readonly toMiB: number;
  readonly samples: number;
}

/** A process fills its caches and its heap in its first minutes. */
const warmUpMs = 180_000;
const samplesMin = 12;

/** The resident memory of processes over time. A process that ends keeps what was seen of it. */
export class MemoryWatch {
  readonly #seen = new Map<number, { kind: string; firstMs: number; samples: number[] }>();

  sample(processes: readonly WatchedProcess[]): void {
    for (const { pid, kind } of processes) {
      const mebibytes = residentMiB(pid);
      if (mebibytes === undefined) continue;
      const seen = this.#seen.get(pid) ?? { kind, firstMs: Date.now(), samples: [] };
      this.#seen.set(pid, seen);
      if (Date.now() - seen.firstMs >= warmUpMs) seen.samples.push(mebibytes);
    }
  }

  /**
   * How each process grew that was seen for long enough after its warm-up: the median of the first quarter of its
   * samples against that of the last.
   */
  growths(): readonly Growth[] {
    return [...this.#seen]
      .filter(([, { samples }]) => samples.length >= samplesMin)
      .map(([pid, { kind, samples }]) => {
        const quarter = Math.floor(samples.length / 4);
        const fromMiB = median(samples.slice(0, quarter));
        const toMiB = median(samples.slice(-quarter));
        return { kind, pid, fromMiB, toMiB, samples: samples.length };
      });
  }
}

function residentMiB(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined; // It has ended.
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
