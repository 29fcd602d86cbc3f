import type { FamilySnapshot, MetricsSnapshot } from "./snapshot.ts";

export type Labels = Readonly<Record<string, string>>;

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Prometheus' text format 0.0.4. */
export function writeExposition(snapshot: MetricsSnapshot): string {
  return snapshot.map(writeFamily).join("");
}

/** Labels as they stand between the braces of a sample. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

function writeFamily(family: FamilySnapshot): string {
  const name = family.type === "counter" ? `${family.name}_total` : family.name;
  let text = `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.type}\n`;
  for (const [labels, value] of family.samples) {
    text +=
      typeof value === "number"
        ? writeSample(name, labels, value)
        : writeHistogram(family, labels, value);
  }
  return text;
}

function writeHistogram(family: FamilySnapshot, labels: string, numbers: Float64Array): string {
  const { name, buckets } = family;
  let cumulative = 0;
  let text = "";
  for (let index = 0; index <= buckets.length; index++) {
    cumulative += numbers[index]!;
    const bound = buckets[index];
    const le = `le="${bound === undefined ? "+Inf" : formatNumber(bound)}"`;
    text += writeSample(`${name}_bucket`, labels === "" ? le : `${labels},${le}`, cumulative);
  }
  const sum = numbers[buckets.length + 1]!;
  return (
    text +
    writeSample(`${name}_sum`, labels, sum) +
    writeSample(`${name}_count`, labels, cumulative)
  );
}

function writeSample(name: string, labels: string, value: number): string {
  return labels === ""
    ? `${name} ${formatNumber(value)}\n`
    : `${name}{${labels}} ${formatNumber(value)}\n`;
}

function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return Number.isNaN(value) ? "NaN" : String(value);
}

function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
