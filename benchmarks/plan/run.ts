/**
 * How long planning takes, from the command to its last byte: `npm run bench:plan`. Files are written to a folder that
 * is removed again; `--runs N` times each, default 5.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { percentile, printTable } from "../table.ts";

const penstock = join(import.meta.dirname, "..", "..", "bin", "penstock.js");
const outputBytesMax = 1_073_741_824;

const disaggregated = `
model = "PrimeIntellect/INTELLECT-3"
vllm.version = "0.30.0"
slurm = { partition = "cluster" }
[parallel]
tp = 4
[deployment]
type = "disaggregated"
num_prefill_nodes = 2
num_decode_nodes = 2
num_prefill_replicas = 2
num_decode_replicas = 1
num_replicas = 3
`;

const multiNode = `
model = "PrimeIntellect/INTELLECT-3"
vllm.version = "0.30.0"
slurm = { partition = "cluster" }
enable_expert_parallel = false
[parallel]
tp = 1
dp = 8
[deployment]
type = "multi_node"
num_nodes = 1024
`;

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
main(Number(values.runs));

function main(runs: number): void {
  const directory = mkdtempSync(join(tmpdir(), "penstock-bench-"));
  try {
    const fileOf = (name: string, toml: string): string => {
      const file = join(directory, `${name}.toml`);
      writeFileSync(file, toml);
      return file;
    };
    const small = fileOf("small", disaggregated);
    const wide = fileOf("wide", multiNode);
    const whole = fileOf("whole", multiNode.replace("tp = 1\ndp = 8", "tp = 8\ndp = 1"));
    const dryRun = ["--dry-run", "--output-dir", join(directory, "outputs")];
    const rows = [
      row("--help", 120, measure(["--help"], runs)),
      row("plan: 18 nodes, 3 replicas", 250, measure(["plan", "@", small], runs)),
      row("plan: 1,024 nodes, 1 rank of 8 GPUs each", 1_500, measure(["plan", "@", whole], runs)),
      row("plan: 1,024 nodes, 8 ranks each", 1_500, measure(["plan", "@", wide], runs)),
      row("plan --json: the same", 1_500, measure(["plan", "@", wide, "--json"], runs)),
      row("serve --dry-run: the same", 1_500, measure(["serve", "@", wide, ...dryRun], runs)),
    ];
    printTable(["what", "n", "median ms", "max ms", "budget ms", "output MB"], rows);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Measured {
  readonly ms: readonly number[];
  readonly outputBytes: number;
}

function measure(words: readonly string[], runs: number): Measured {
  const ms: number[] = [];
  let outputBytes = 0;
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, [penstock, ...words], {
      maxBuffer: outputBytesMax,
    });
    ms.push(performance.now() - begin);
    if (status !== 0) throw new Error(`"${words.join(" ")}" failed: ${stderr.toString()}`);
    outputBytes = stdout.length;
  }
  return { ms, outputBytes };
}

function row(name: string, budgetMs: number, { ms, outputBytes }: Measured): readonly string[] {
  return [
    name,
    String(ms.length),
    percentile(ms, 0.5).toFixed(0),
    Math.max(...ms).toFixed(0),
    String(budgetMs),
    (outputBytes / 1e6).toFixed(1),
  ];
}
