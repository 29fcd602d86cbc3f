/** Recomputes the tables of docs/reference/kv-sizes.md from the configs that the page links to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type FitOptions, fitReport } from "./mod.ts";
import { countParameters } from "./parameter-count.ts";
import { models } from "./test-support/models.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "docs", "reference");
const page = readFileSync(join(folder, "kv-sizes.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| ["));
const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));

type ModelName = keyof typeof models;

const guideRows: readonly [name: ModelName, dtype: "bfloat16" | "fp8", options: FitOptions][] = [
  ["Llama-3.1-8B", "bfloat16", { gpu: "H100" }],
  ["Llama-3.1-70B", "bfloat16", { gpu: "H100", tensorParallelSize: 4 }],
  ["Llama-3.1-70B", "fp8", { gpu: "H100", tensorParallelSize: 4 }],
  ["DeepSeek-V3", "bfloat16", { gpu: "H200", dataParallelSize: 16, enableExpertParallel: true }],
];

test("kv-sizes.md shows what the guide's four requests take", () => {
  for (const [name, dtype, options] of guideRows) {
    const kvCacheDtype = dtype;
    const report = fitReport(models[name], { ...options, kvCacheDtype, inputLength: 8_192 });
    const { bytesPerRequest, gigabitsPerSecondAndGpu, gigabitsPerSecondAndRank } = report.transfer;
    const found = cells.find((row) => row[1]?.startsWith(`[${name}]`) && row[2] === dtype);
    assert.deepEqual(found?.slice(3, 5), [
      gigabytes(bytesPerRequest),
      report.kvCache.bytesPerToken.toLocaleString("en-US"),
    ]);
    assert.equal(
      found?.[6],
      offBy(Number(/[\d.]+/.exec(found?.[5] ?? "")) / (bytesPerRequest / 1e9)),
    );
    assert.equal(
      found?.[7],
      `${gigabitsPerSecondAndRank.toFixed(0)} (${gigabitsPerSecondAndGpu.toFixed(0)})`,
      `${name} ${dtype}`,
    );
  }
});

test("kv-sizes.md shows parameters and KV cache of every model here", () => {
  for (const name of Object.keys(models) as ModelName[]) {
    const count = countParameters(models[name]);
    const size = (options: FitOptions) =>
      gigabytes(fitReport(models[name], options).transfer.bytesPerRequest);
    const found = cells.filter((row) => row[1]?.startsWith(`[${name}]`)).at(-1);
    assert.deepEqual(
      found?.slice(2, 6),
      [
        count.total.toLocaleString("en-US"),
        count.active.toLocaleString("en-US"),
        size({ inputLength: 8_192 }),
        size({ inputLength: 32_768 }),
      ],
      name,
    );
  }
});

/** How the page writes that a size is so many times too large; up to a tenth counts as rounding. */
function offBy(ratio: number): string {
  if (Math.abs(ratio - 1) < 0.1) return "–";
  return `× ${ratio.toFixed(ratio < 10 ? 1 : 0)}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(3)} GB`;
}
