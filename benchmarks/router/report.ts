import { appendFileSync, mkdirSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import { percentile, printTable } from "../table.ts";
import type { Case } from "./cases.ts";
import { type AddedLatency, type Cost, latencyCase, median } from "./measure.ts";
import { type RouterName, versionOf } from "./routers.ts";

/** What a reader must know about the machine and the programs. */
export interface Facts {
  readonly time: string;
  readonly cpu: string;
  readonly coreCount: number;
  /** Of the minute before the run; other work on the machine makes every figure worse. */
  readonly loadAverage: number;
  readonly node: string;
  readonly versions: Readonly<Partial<Record<RouterName, string>>>;
  readonly seconds: number;
}

export function factsOf(names: readonly RouterName[], seconds: number): Facts {
  return {
    time: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    coreCount: availableParallelism(),
    loadAverage: loadavg()[0] ?? 0,
    node: process.version,
    versions: Object.fromEntries(names.map((name) => [name, versionOf(name)])),
    seconds,
  };
}

export function showFacts({ cpu, coreCount, loadAverage, node, versions }: Facts): void {
  const programs = Object.values(versions).join(", ");
  process.stdout.write(
    `${programs}; Node.js ${node}; ${coreCount} × ${cpu}, load ${loadAverage.toFixed(1)} before\n`,
  );
}

/** Medians of the rounds, with the lowest and the highest. */
export function showCosts(one: Case, costs: readonly Cost[]): void {
  const unit = costs[0]?.unit ?? "request";
  const micros = ({ cpuMicrosecondsPerUnit }: Cost) => cpuMicrosecondsPerUnit;
  const rows = costs.map((cost) => [
    cost.router,
    digits(median(micros(cost))),
    `${digits(Math.min(...micros(cost)))}–${digits(percentile(micros(cost), 1))}`,
    timesNginx(cost, costs)?.toFixed(2) ?? "",
    digits(median(cost.unitsPerSecond)),
    median(cost.cores).toFixed(2),
    ...(cost.eventsPerRead === undefined ? [] : [median(cost.eventsPerRead).toFixed(2)]),
  ]);
  const isStream = unit === "event";
  const last = isStream ? ["events a read"] : [];
  const head = [one.name, `CPU µs/${unit}`, "min–max", "× nginx", `${unit}s/s`, "cores", ...last];
  process.stdout.write("\n");
  printTable(head, rows);
  const silent = costs.filter(({ hasAccessLog }) => !hasAccessLog).map(({ router }) => router);
  if (silent.length > 0) process.stdout.write(`without an access log: ${silent.join(", ")}\n`);
  for (const mark of marksOf(one, costs)) process.stdout.write(`${mark}\n`);
}

export function showLatencies(latencies: readonly AddedLatency[]): void {
  const milliseconds = (samples: readonly number[]) => median(samples).toFixed(3);
  process.stdout.write("\n");
  printTable(
    [latencyCase, "requests/s", "direct p50 ms", "added p50 ms", "added p99 ms"],
    latencies.map((one) => [
      one.router,
      String(one.requestsPerSecond),
      milliseconds(one.directP50Ms),
      milliseconds(one.addedP50Ms),
      milliseconds(one.addedP99Ms),
    ]),
  );
}

/** Appends a line for each router in each case. */
export function keep(
  facts: Facts,
  measured: readonly (Cost | AddedLatency)[],
  files: readonly string[],
): void {
  const lines = measured.map((one) => `${JSON.stringify({ ...facts, ...one })}\n`).join("");
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, lines);
  }
}

/** What is wanted of ours, and whether it is so. */
function marksOf(one: Case, costs: readonly Cost[]): readonly string[] {
  const costOf = (name: RouterName) =>
    costs
      .filter(({ router }) => router === name)
      .map((cost) => median(cost.cpuMicrosecondsPerUnit));
  const mark = (name: RouterName, timesMax: number | undefined) => {
    const [ours] = costOf("ours");
    const [other] = costOf(name);
    if (ours === undefined || other === undefined || timesMax === undefined) return [];
    const times = ours / other;
    const verdict = times <= timesMax ? "met" : "missed";
    return [`ours at most ${timesMax} × ${name}: ${verdict} with ${times.toFixed(2)}`];
  };
  return [...mark("nginx", one.timesNginxMax), ...mark("vllm-router", one.timesVllmRouterMax)];
}

function timesNginx(cost: Cost, costs: readonly Cost[]): number | undefined {
  const nginx = costs.find(({ router }) => router === "nginx");
  if (nginx === undefined) return undefined;
  return median(cost.cpuMicrosecondsPerUnit) / median(nginx.cpuMicrosecondsPerUnit);
}

function digits(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
