import { setTimeout as sleep } from "node:timers/promises";
import type { AskOptions } from "../support/ask.ts";
import { eventually } from "../support/eventually.ts";
import { heldOutWords } from "../support/held-out-words.ts";
import { readMetric } from "../support/metrics.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import { ServedJob, type Endpoints } from "../support/slurm-lab/served-job.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";
import { converse } from "./converse.ts";
import { MemoryWatch, type Growth, type WatchedProcess } from "./memory-watch.ts";
import { Tally, type Doubt } from "./tally.ts";
import { findWrong } from "./undisturbed.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly sessionCount: number;
  readonly thinkMs: number;
  readonly killEveryMs: number;
  readonly say: (text: string) => void;
}

export interface SoakResult {
  readonly elapsedMs: number;
  readonly tally: Tally<AskOptions>;
  /** Answers that neither are right nor come from an undisturbed engine too. */
  readonly wrong: readonly Doubt<AskOptions>[];
  readonly killCount: number;
  readonly growths: readonly Growth[];
  readonly leaseCount: number;
  readonly inFlightCount: number;
  /** What stayed on the nodes after scancel; undefined where nothing did. */
  readonly left: string | undefined;
}

const sampleMs = 10_000;
const restMsMax = 60_000;
const stillMs = 500;

/** A disaggregated deployment under Slurm, sessions that ask it, and a rank that is killed now and then. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const lab = await startSlurmLab({ nodeCount: 6, gpusPerNode: 2 });
  try {
    const flags = ["--deployment.max-restarts", "1000"];
    const words = ["@", "examples/slurm-disaggregated.toml", ...flags];
    const job = new ServedJob({ lab, name: "soak", words });
    const endpoints = await job.ready();
    options.say(`${endpoints.ranks.length} ranks are ready at ${endpoints.client.join(", ")}`);
    return await soakDeployment(options, { lab, job, endpoints });
  } finally {
    await lab.close();
  }
}

interface Soaked {
  readonly lab: SlurmLab;
  readonly job: ServedJob;
  readonly endpoints: Endpoints;
}

async function soakDeployment(options: SoakOptions, soaked: Soaked): Promise<SoakResult> {
  const { lab, job, endpoints } = soaked;
  const startMs = Date.now();
  const endMs = startMs + options.minutes * 60_000;
  const tally = new Tally<AskOptions>();
  const memory = new MemoryWatch();
  const over = new AbortController();
  const shared = { urls: endpoints.client, words: heldOutWords(), random: Math.random };
  const conversing = Array.from({ length: options.sessionCount }, (_, index) =>
    converse(index, { ...shared, tally, thinkMs: options.thinkMs, endMs }),
  );
  const watching = repeat(sampleMs, over.signal, () => memory.sample(penstockProcesses(lab)));
  let killCount = 0;
  const killing = repeat(options.killEveryMs, over.signal, async () => {
    const victim = await killRank(lab);
    if (victim !== undefined) killCount++;
    options.say(`${progress(tally, startMs)}; killed ${victim ?? "nobody"}`);
  });
  await Promise.all(conversing);
  over.abort();
  await Promise.all([watching, killing]);
  const elapsedMs = Date.now() - startMs;
  const leaseCount = await atRest(endpoints.ranks, "penstock_kv_leases");
  const inFlightCount = await atRest(endpoints.client, "penstock_router_requests_in_flight");
  const wrong = await findWrong(tally.doubts);
  const left = await endJob(lab, job);
  const growths = memory.growths();
  return { elapsedMs, tally, wrong, killCount, growths, leaseCount, inFlightCount, left };
}

async function endJob(lab: SlurmLab, job: ServedJob): Promise<string | undefined> {
  try {
    await job.cancel();
    await job.ended();
    await assertNothingLeft(lab);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The sum of a metric over servers once it is zero, or when it does not come to that. */
async function atRest(urls: readonly string[], name: string): Promise<number> {
  let sum = Number.NaN;
  const isZero = async (): Promise<boolean> => {
    const values = await Promise.all(urls.map((url) => readMetric(url, name)));
    sum = values.reduce((total, value) => total + value, 0);
    return sum === 0;
  };
  await eventually(`${name} to be zero`, isZero, restMsMax).catch(() => undefined);
  return sum;
}

function penstockProcesses(lab: SlurmLab): readonly WatchedProcess[] {
  return lab.nodes
    .flatMap((node) => node.processes())
    .flatMap(({ pid, command }) => {
      // srun has the words of what it starts among its own.
      const kind = /^\S*node \S*penstock\.js (router|engine|node) /.exec(command)?.[1];
      return kind === undefined ? [] : [{ pid, kind }];
    });
}

/** It stands still for a moment first, so that requests are in flight on it when it dies. */
async function killRank(lab: SlurmLab): Promise<string | undefined> {
  const ranks = lab.nodes.flatMap((node) =>
    node
      .processes()
      .filter(({ command }) => command.includes("penstock.js engine "))
      .map(({ pid, command }) => ({ pid, port: / --port (\d+)/.exec(command)?.[1], node })),
  );
  const victim = ranks[Math.floor(Math.random() * ranks.length)];
  if (victim === undefined) return undefined;
  process.kill(victim.pid, "SIGSTOP");
  await sleep(stillMs);
  process.kill(victim.pid, "SIGKILL");
  return `${victim.node.name}:${victim.port}`;
}

function progress({ requestCount, rightCount, lostCount }: Tally<AskOptions>, startMs: number) {
  const minutes = ((Date.now() - startMs) / 60_000).toFixed(1);
  return `${minutes} min: ${requestCount} requests, ${rightCount} right, ${lostCount} lost`;
}

async function repeat(
  everyMs: number,
  signal: AbortSignal,
  act: () => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    // The end of the soak cuts the pause short.
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await act();
  }
}
