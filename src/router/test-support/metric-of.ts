import assert from "node:assert/strict";

/** The sum of the samples of a metric that have these labels: `name` or `name{label="value"}`. The metric must exist. */
export function metricOf(exposition: string, selector: string): number {
  const [name, labels = ""] = selector.replace(/\}$/, "").split("{") as [string, string?];
  assert.match(exposition, new RegExp(`^(# TYPE )?${name}\\b`, "m"), `no metric ${name}`);
  const wanted = labels === "" ? [] : labels.split(",");
  let sum = 0;
  for (const line of exposition.split("\n")) {
    const isOfMetric = line.startsWith(`${name} `) || line.startsWith(`${name}{`);
    if (!isOfMetric || !wanted.every((label) => line.includes(label))) continue;
    sum += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return sum;
}
