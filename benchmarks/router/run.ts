/**
 * What a request costs in the router, beside nginx and vllm-router in the same run: `npm run bench:router`.
 *
 * - posts: 2 KB of JSON there, a small answer back; stream: server-sent events; large: 626 KB there
 * - workers: posts with two processes or threads a router
 * - latency: what a router adds at half load
 *
 * Clients, ranks and routers are processes of their own on the loopback address. Every answer's status and length is
 * compared with what the rank gave, and a wrong or missing one fails the run. Cost is CPU time of all threads of a
 * router by the kernel's account; medians of the rounds are shown, in each of which every router has its turn.
 *
 *   --rounds N       Default 5
 *   --seconds N      Length of one measurement. Default 1.5
 *   --only GROUP     One of the groups above
 *   --routers NAMES  Some of nginx,vllm-router,ours. nginx and vllm-router are installed where they are missing
 *   --profile DIR    Writes a CPU profile of ours for each case into DIR; it costs more meanwhile
 *   --record         Results go to benchmarks/router/recorded.jsonl too, which is committed
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Bench } from "./bench.ts";
import { cases, type Group, groups } from "./cases.ts";
import { measureCosts, measureLatency, type MeasureOptions } from "./measure.ts";
import { factsOf, keep, showCosts, showFacts, showLatencies } from "./report.ts";
import { hasWorkers, install, routerNames } from "./routers.ts";

const resultsFile = join(import.meta.dirname, "..", "results", "router.jsonl");
const recordFile = join(import.meta.dirname, "recorded.jsonl");

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.5" },
    only: { type: "string" },
    routers: { type: "string", default: routerNames.join(",") },
    profile: { type: "string" },
    record: { type: "boolean", default: false },
  },
});
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = readOptions();
  const wanted = groups.filter((group) => values.only === undefined || group === values.only);
  if (wanted.length === 0) throw new Error(`--only takes one of ${groups.join(", ")}`);
  for (const name of options.names) install(name);
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => reject(new Error(`Ended by ${signal}`)));
  });
  interrupted.catch(() => undefined); // It may come while nothing waits for it yet.
  const bench = await Bench.open();
  try {
    await Promise.race([interrupted, measureAll(bench, wanted, options)]);
  } finally {
    await bench.close();
  }
}

async function measureAll(
  bench: Bench,
  wanted: readonly Group[],
  options: MeasureOptions,
): Promise<void> {
  const facts = factsOf(options.names, options.seconds);
  const files = values.record ? [resultsFile, recordFile] : [resultsFile];
  showFacts(facts);
  for (const one of cases.filter(({ group }) => wanted.includes(group))) {
    const names = options.names.filter((name) => one.workerCount === 1 || hasWorkers(name));
    const costs = await measureCosts(bench, one, { ...options, names });
    showCosts(one, costs);
    keep(facts, costs, files);
  }
  if (!wanted.includes("latency")) return;
  const posts = cases.find(({ group }) => group === "posts")!;
  const latencies = await measureLatency(bench, posts, options);
  showLatencies(latencies);
  keep(facts, latencies, files);
}

function readOptions(): MeasureOptions {
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a count from 1");
  if (!(seconds > 0 && seconds <= 600)) throw new Error("--seconds takes a number up to 600");
  const asked = values.routers.split(",");
  const names = routerNames.filter((name) => asked.includes(name));
  if (names.length !== asked.length)
    throw new Error(`--routers takes some of ${routerNames.join(", ")}, with commas between`);
  return { names, rounds, seconds, profileFolder: values.profile };
}
