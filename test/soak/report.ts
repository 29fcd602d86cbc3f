import type { SoakResult } from "./soak.ts";

/** A process may grow by this much after its warm-up; the heap of a JavaScript engine breathes. */
export const growthMiBMax = 48;

export interface SoakReport {
  readonly table: string;
  /** What must not be, each in words; empty where the soak went well. */
  readonly faults: readonly string[];
}

export function soakReport(result: SoakResult): SoakReport {
  return { table: table(result), faults: faults(result) };
}

function table(result: SoakResult): string {
  const { tally, wrong, elapsedMs, killCount, growths } = result;
  const { requestCount, latenciesMs, doubts } = tally;
  const rows: (readonly [string, string | number, string?])[] = [
    ["minutes", (elapsedMs / 60_000).toFixed(1)],
    ["ranks killed", killCount],
    ["requests", requestCount, `${((requestCount * 1_000) / elapsedMs).toFixed(1)} a second`],
    ["latency", `${quantile(latenciesMs, 0.5)} ms`, `p99 ${quantile(latenciesMs, 0.99)} ms`],
    ["right", tally.rightCount],
    ["right, and talked on", tally.talkedOnCount],
    ["judged once more", doubts.length, "by an engine that nothing disturbs"],
    ["wrong", wrong.length],
    ["lost", tally.lostCount],
    ...[...tally.lost].map(([reason, count]) => [`  ${reason}`, count] as const),
    ["cut, with an error event", tally.toldCutCount],
    ["cut, without a word", tally.silentCutCount],
    ["KV leases at the end", result.leaseCount],
    ["requests in flight at the end", result.inFlightCount],
    ...growths.map(
      ({ kind, pid, fromMiB, toMiB, samples }) =>
        [
          `memory of ${kind} ${pid}`,
          `${signed(toMiB - fromMiB)} MiB`,
          `${fromMiB.toFixed(0)} to ${toMiB.toFixed(0)} MiB, ${samples} samples`,
        ] as const,
    ),
    ...(growths.length === 0
      ? [["memory", "not judged", "no process lived long enough"] as const]
      : []),
    ["left behind", result.left ?? "nothing"],
  ];
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(
    ...rows.map(([, value]) => String(value).length).filter((n) => n < 20),
  );
  return rows
    .map(([name, value, remark = ""]) =>
      `${name.padEnd(nameWidth)}  ${String(value).padStart(valueWidth)}  ${remark}`.trimEnd(),
    )
    .join("\n");
}

function faults({ tally, wrong, growths, leaseCount, inFlightCount, left }: SoakResult) {
  const grown = growths.filter(({ fromMiB, toMiB }) => toMiB - fromMiB > growthMiBMax);
  return [
    ...wrong.map(({ question, text }) => `wrong answer "${text}" for "${question.word}"`),
    ...(tally.lostCount > 0 ? [`${tally.lostCount} lost requests`] : []),
    ...(tally.silentCutCount > 0 ? [`${tally.silentCutCount} answers cut without a word`] : []),
    ...(leaseCount === 0 ? [] : [`${leaseCount} KV leases at the end`]),
    ...(inFlightCount === 0 ? [] : [`${inFlightCount} requests in flight at the end`]),
    ...grown.map(({ kind, pid }) => `${kind} ${pid} grew by more than ${growthMiBMax} MiB`),
    ...(left === undefined ? [] : ["something was left behind"]),
  ];
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
}
