/**
 * What a request costs in the router, beside nginx and vllm-router in the same run: `npm run bench:router`.
 *
 *   --rounds N       Rounds, in each of which every router has its turn; medians are shown. Default 5
 *   --seconds N      Length of one measurement. Default 2
 *   --only GROUP     posts, stream or large
 *   --routers NAMES  Of nginx, vllm-router, ours. Default: all
 *   --profile DIR    Writes a CPU profile of ours for each case into DIR; it is slower meanwhile
 */
import { parseArgs } from "node:util";
import { percentile, printTable } from "../table.ts";
import { Bench, type RunningRouter } from "./bench.ts";
import { type Case, cases } from "./cases.ts";
import type { LoadResult } from "./load-process.ts";
import { install, type RouterName, routerNames } from "./routers.ts";

const warmSeconds = 0.5;
const firstSeconds = 3;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    only: { type: "string" },
    routers: { type: "string", default: routerNames.join(",") },
    profile: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const names = routerNames.filter((name) => values.routers.split(",").includes(name));
await main();

async function main(): Promise<void> {
  for (const name of names) install(name);
  const bench = await Bench.open();
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.once(signal, () => reject(new Error(`Ended by ${signal}`)));
  });
  try {
    await Promise.race([measureAll(bench), interrupted]);
  } finally {
    await bench.close();
  }
}

async function measureAll(bench: Bench): Promise<void> {
  for (const one of cases.filter((one) => values.only === undefined || one.group === values.only)) {
    const measured = await measureCase(bench, one);
    show(one, measured);
  }
}

type Measured = ReadonlyMap<RouterName, readonly LoadResult[]>;

async function measureCase(bench: Bench, one: Case): Promise<Measured> {
  const routers: RunningRouter[] = [];
  const folder = values.profile;
  const name = `${one.name.replaceAll(/[^A-Za-z0-9]+/g, "-")}.cpuprofile`;
  const profileFile = folder === undefined ? undefined : { folder, name };
  for (const name of names) routers.push(await bench.start(name, { workerCount: 1, profileFile }));
  const load = ({ port, pids }: RunningRouter, seconds: number) =>
    bench.load({ ...one, port, pids, warmSeconds, seconds });
  for (const router of routers) await load(router, firstSeconds);
  const measured = new Map<RouterName, LoadResult[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const router of routers) measured.get(router.name)!.push(await load(router, seconds));
  await Promise.all(routers.map((router) => bench.stop(router)));
  return measured;
}

function show(one: Case, measured: Measured): void {
  const costOf = (result: LoadResult) =>
    result.cpuMicroseconds / (one.unit === "event" ? result.eventCount : result.answerCount);
  const nginx = percentile((measured.get("nginx") ?? []).map(costOf), 0.5);
  const rows = [...measured].map(([name, results]) => {
    const costs = results.map(costOf);
    const at = (share: number) => percentile(costs, share).toFixed(1);
    const median = (values: readonly number[]) => percentile(values, 0.5);
    return [
      name,
      at(0.5),
      `${at(0)}–${at(1)}`,
      (percentile(costs, 0.5) / nginx).toFixed(2),
      median(
        results.map(
          (result) =>
            (one.unit === "event" ? result.eventCount : result.answerCount) / result.seconds,
        ),
      ).toFixed(0),
      median(results.map((result) => result.cpuMicroseconds / result.seconds / 1e6)).toFixed(2),
    ];
  });
  printTable([one.name, `µs/${one.unit}`, "min–max", "× nginx", `${one.unit}s/s`, "cores"], rows);
}
