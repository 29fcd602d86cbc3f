/**
 * The engine alone, without server and sampling: `npm run bench:engine -- [--record] [--only NAME]`.
 *
 * - prefill: one prompt of 128 tokens
 * - decode: 24 steps behind it, with one stream and with eight (tokens per second of all together)
 * - peak RSS of the process that did it
 *
 * Models: the bundled ones, and a random checkpoint in the shape of Qwen3-0.6B that is written to the temporary
 * directory and removed. Results are appended as JSON lines to benchmarks/results/engine.jsonl, with --record also to
 * benchmarks/engine/recorded.jsonl, which is committed.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { printTable } from "../table.ts";
import type { Measurement } from "./measure-model.ts";
import { writeRandomCheckpoint } from "./random-checkpoint.ts";

const root = dirname(dirname(import.meta.dirname));
const resultsFile = join(root, "benchmarks", "results", "engine.jsonl");
const recordFile = join(import.meta.dirname, "recorded.jsonl");
const measureMsMax = 600_000;
const randomName = "random Qwen3-0.6B shape";
const bundledNames = ["reverse-moe", "reverse-dense"];

const { values } = parseArgs({
  options: { record: { type: "boolean", default: false }, only: { type: "string" } },
});
await main(values.record, values.only);

async function main(record: boolean, only: string | undefined): Promise<void> {
  const isWanted = (name: string) => only === undefined || name.includes(only);
  const measurements = bundledNames
    .filter(isWanted)
    .map((name) => measure(`penstock/${name}`, join(root, "models", "penstock", name)));
  if (isWanted(randomName)) measurements.push(await measureRandom());
  keep(measurements, record ? [resultsFile, recordFile] : [resultsFile]);
  printTable(
    ["model", "dtype", "threads", "load s", "prefill tok/s", "decode ×1", "decode ×8", "RSS MiB"],
    measurements.map(row),
  );
}

async function measureRandom(): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), "penstock-bench-"));
  try {
    await writeRandomCheckpoint(directory, 1);
    return measure(randomName, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function measure(name: string, directory: string): Measurement {
  const program = join(import.meta.dirname, "measure-model.ts");
  const output = execFileSync(process.execPath, [program, name, directory], {
    encoding: "utf8",
    timeout: measureMsMax,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output) as Measurement;
}

function keep(measurements: readonly Measurement[], files: readonly string[]): void {
  const cpu = cpus()[0]?.model ?? "unknown";
  const facts = { time: new Date().toISOString(), node: process.version, cpu };
  const lines = measurements.map((one) => `${JSON.stringify({ ...facts, ...one })}\n`).join("");
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, lines);
  }
}

function row(one: Measurement): readonly string[] {
  const digits = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  return [
    one.model,
    one.dtype,
    String(one.threadCount),
    digits(one.loadSeconds),
    digits(one.prefillTokensPerSecond),
    digits(one.decode1TokensPerSecond),
    digits(one.decode8TokensPerSecond),
    digits(one.peakRssMib),
  ];
}
