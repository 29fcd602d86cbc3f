import { makeRouterCore, type RouterCore } from "../../src/router/router-core.ts";
import { type Logger, loggerOf } from "../../src/telemetry/mod.ts";
import { ClientWitness } from "./client-witness.ts";
import { VirtualClock } from "./event-queue.ts";
import { Invariants } from "./invariants.ts";
import { PlacementRules } from "./placement-rules.ts";
import { checkRequest, checkRetries } from "./request-rules.ts";
import { Link } from "./link.ts";
import { Random } from "./random.ts";
import {
  drawScenario,
  type RankChange,
  type RankFault,
  type RankScenario,
  type Scenario,
} from "./scenario.ts";
import { VirtualClient } from "./virtual-client.ts";
import { drawWire, VirtualNetwork } from "./virtual-network.ts";
import { VirtualRank } from "./virtual-rank.ts";
import { VirtualStream, type WireOptions } from "./virtual-stream.ts";
import { RequestRecord, type Violation, World } from "./world.ts";

export interface RunOptions {
  readonly isTracing?: boolean;
  /** Puts a fault into the router before the run, to see that it is found. */
  readonly plant?: (core: RouterCore) => void;
}

export interface RunResult {
  readonly seed: number;
  /** Of all that happened: the same for the same seed. */
  readonly hash: number;
  readonly violations: readonly Violation[];
  /** What happened, where it was asked for. */
  readonly lines: readonly string[];
  readonly records: readonly RequestRecord[];
  readonly endedAtMs: number;
}

const kept = Promise.resolve();
/** Virtual time that a run may take once all faults are over. */
const horizonMs = 900_000;
/** From the last answer and the last fault until all must be well again. */
const restMs = 15_000;

/** Runs one scenario to its end. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const simulation = new Simulation(seed, options);
  return await simulation.run();
}

class Simulation {
  readonly #seed: number;
  readonly #world: World;
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #network: VirtualNetwork;
  readonly #clock: VirtualClock;
  readonly #core: RouterCore;
  readonly #invariants: Invariants;
  readonly #ranks: VirtualRank[] = [];
  #isListening = true;
  #unfinishedCount = 0;
  #lastFaultEndsMs = 0;

  constructor(seed: number, { isTracing = false, plant }: RunOptions) {
    const random = new Random(seed);
    this.#seed = seed;
    this.#random = random;
    this.#world = new World(isTracing);
    this.#scenario = drawScenario(random.fork());
    this.#world.isTight = this.#scenario.isTight;
    const { limits, health, policy } = this.#scenario;
    const { queue } = this.#world;
    const lateness = random.fork();
    this.#clock = new VirtualClock(queue, () => lateness.below(4) * 0.5);
    this.#network = new VirtualNetwork(this.#world, random.fork(), limits.rankKeepAliveMs!);
    for (const rank of this.#scenario.ranks) this.#makeRank(rank);
    this.#core = makeRouterCore({
      ranks: this.#ranks.map(({ index, url, options: { role } }) => ({ index, url, role })),
      policy,
      seed,
      limits,
      health,
      clock: this.#clock,
      network: this.#network,
      logger: this.#logger(),
    });
    const { world, network, clock, core } = {
      world: this.#world,
      network: this.#network,
      clock: this.#clock,
      core: this.#core,
    };
    plant?.(this.#core);
    this.#invariants = new Invariants({ world, network, clock, core, ranks: this.#ranks });
    const { table, servers } = core.context;
    const { sessionsMax } = core.context.limits;
    new PlacementRules(servers, { world, table, policy, sessionsMax }).watch();
  }

  async run(): Promise<RunResult> {
    const { queue } = this.#world;
    try {
      await this.#runPhases();
    } catch (error) {
      const { stack } = error as Error;
      this.#world.violate("nothing throws", stack ?? String(error));
    }
    return {
      seed: this.#seed,
      hash: this.#world.hash,
      violations: this.#world.violations,
      lines: this.#world.lines,
      records: [...this.#world.records.values()],
      endedAtMs: queue.nowMs,
    };
  }

  /** Until something is wrong: what follows from that says nothing. */
  async #runPhases(): Promise<void> {
    const { queue } = this.#world;
    this.#core.checks.start();
    for (const fault of this.#scenario.faults) this.#schedule(fault);
    for (const change of this.#scenario.changes) queue.at(change.atMs, () => this.#change(change));
    this.#startClients();
    const { drainAtMs } = this.#scenario;
    if (drainAtMs < Infinity) queue.at(drainAtMs, () => void this.#drain());
    await this.#runUntil(() => this.#unfinishedCount === 0, this.#lastFaultEndsMs + horizonMs);
    if (this.#isWell) this.#checkAnswers();
    const restEndsMs = Math.max(queue.nowMs, this.#lastFaultEndsMs) + this.#restMs;
    await this.#runUntil(() => queue.nowMs >= restEndsMs, restEndsMs + 1_000);
    if (this.#isWell) this.#invariants.checkRest();
    if (!this.#isWell) return;
    if (drainAtMs === Infinity) void this.#drain();
    const drainEndsMs = queue.nowMs + 10_000;
    await this.#runUntil(() => this.#world.hasDrained, drainEndsMs);
    this.#core.close();
    const closedMs = queue.nowMs + 1_000;
    await this.#runUntil(() => queue.nowMs >= closedMs, closedMs);
    if (this.#isWell) this.#invariants.checkClosed();
  }

  #checkAnswers(): void {
    const { faults, changes, ranks } = this.#scenario;
    const hasRankFaults = faults.length > 0 || changes.length > 0;
    const isApart = ranks.some(({ role }) => role !== "both");
    for (const record of this.#world.records.values()) {
      checkRequest(this.#world, record, { hasRankFaults, isApart });
    }
    // Where machines fail, a repeat for a stale connection may end at another rank: it looks like a retry and is none.
    if (!hasRankFaults) checkRetries(this.#world);
  }

  /** Where the router did not hear that clients left, it waits for silent ranks. */
  get #restMs(): number {
    const records = [...this.#world.records.values()];
    const isUnheard = records.some(
      ({ outcome, wasLostWithOthers }) => outcome === "vanished" && wasLostWithOthers,
    );
    const { rankSilenceMsMax, idleMsMax } = this.#core.context.limits;
    return isUnheard ? restMs + rankSilenceMsMax + idleMsMax : restMs;
  }

  get #isWell(): boolean {
    return this.#world.violations.length === 0;
  }

  async #runUntil(isDone: () => boolean, latestMs: number): Promise<void> {
    const { queue } = this.#world;
    while (this.#isWell && !isDone() && queue.nowMs <= latestMs) {
      if (!queue.step()) return;
      // Promises that were kept in this turn are heard of before the next.
      await kept;
      await kept;
      this.#invariants.checkTurn();
    }
  }

  #makeRank(rank: RankScenario): VirtualRank {
    const link = new Link(this.#world.queue, this.#random.fork(), {
      least: 0.05,
      most: rank.latencyMsMax,
    });
    const made = new VirtualRank(this.#world, {
      ...rank,
      index: this.#ranks.length,
      link,
      random: this.#random.fork(),
      faultChance: this.#scenario.jobFaultChance,
      failsEarly: this.#scenario.isStorm,
    });
    this.#ranks.push(made);
    this.#network.ranks.set(made.port, made);
    return made;
  }

  #startClients(): void {
    for (const { manner, plans } of this.#scenario.clients) {
      for (const plan of plans) this.#world.records.set(plan.id, new RequestRecord(plan));
      const random = this.#random.fork();
      const link = new Link(this.#world.queue, random, {
        least: 0.05,
        most: random.magnitude(1, 60),
      });
      this.#unfinishedCount++;
      new VirtualClient(this.#world, {
        manner,
        plans,
        random,
        connect: () => this.#connect(random, { link, wire: drawWire(random, manner.isSlowReader) }),
        onFinished: () => void this.#unfinishedCount--,
      }).start();
    }
  }

  /** A client's way to the router. */
  #connect(
    random: Random,
    way: { readonly link: Link; readonly wire: WireOptions },
  ): VirtualStream {
    const { queue } = this.#world;
    const { link } = way;
    const ends = { queue, random, ...way };
    const near = new VirtualStream({ ...ends, bufferBytesMax: 65_536 }, false);
    queue.after(link.latencyMs(), () => {
      if (near.isOver) return;
      if (!this.#isListening) return near.fail("ECONNREFUSED");
      const bufferBytesMax = this.#core.context.limits.relayBufferBytesMax;
      const witness = new ClientWitness(this.#world, () => this.#invariants.forgetClient(far));
      const far = new VirtualStream({ ...ends, bufferBytesMax, witness }, true);
      VirtualStream.join(near, far);
      this.#invariants.watchClient(far);
      near.connect();
      this.#core.clients.take(far);
    });
    return near;
  }

  #schedule({ kind, rank: index, atMs, durationMs }: RankFault): void {
    const { queue } = this.#world;
    const rank = this.#ranks[index]!;
    this.#lastFaultEndsMs = Math.max(this.#lastFaultEndsMs, atMs + durationMs);
    queue.at(atMs, () => {
      this.#world.disturb(`rank ${index} ${kind}`, durationMs);
      if (kind === "crash") rank.crash();
      else if (kind === "stall") rank.stall();
      else if (kind === "cut") this.#network.cut(rank);
      else {
        rank.health = this.#random.pick(["late", "twice", "badly", "never", "nonsense"] as const);
      }
    });
    queue.at(atMs + durationMs, () => {
      this.#world.note(`rank ${index} is over its ${kind}`);
      if (kind === "crash") rank.restart();
      else if (kind === "stall") rank.goOn();
      else if (kind === "cut") rank.link.mend();
      else rank.health = "well";
    });
  }

  /** A rank comes, or leaves while there is another of its role. */
  #change({ kind, rank: index }: RankChange): void {
    const { membership, context } = this.#core;
    const { table, limits } = context;
    const { role } = this.#scenario.ranks[index]!;
    this.#world.note(`operator: ${kind} of rank ${index}`);
    if (kind === "add") {
      const { url, index: number } = this.#makeRank(this.#scenario.ranks[index]!);
      membership.add({ index: number, url, role });
      return;
    }
    const slot = membership.slotOf(index);
    const others = Array.from(table.slots()).filter(
      (other) => other !== slot && table.roles[other] === role && !table.isDraining(other),
    );
    if (slot === -1 || others.every((other) => table.living[other] !== 1)) return;
    if (kind === "drain") return membership.drain(slot);
    const isAtOnce = kind === "remove at once";
    const leavesMs = isAtOnce ? 0 : limits.rankLeaveMsMax;
    this.#world.queue.after(Math.max(0, leavesMs - 50), () => {
      const isBusy = this.#network.busyCount(this.#ranks[index]!.port) > 0;
      if (isBusy) this.#world.disturb(`rank ${index} leaves with requests`, 200);
    });
    if (isAtOnce) this.#world.disturb(`rank ${index} is removed`, 200);
    membership.remove(slot, { isAtOnce });
  }

  /** What {@linkcode startRouter} does when it is closed. */
  async #drain(): Promise<void> {
    const { queue } = this.#world;
    this.#world.drainBeganAtMs = queue.nowMs;
    this.#world.note("the router drains");
    this.#core.desk.drain();
    await this.#core.clients.drain(this.#core.context.limits.drainMsMax);
    this.#world.hasDrained = true;
    this.#isListening = false;
    this.#invariants.checkDrained();
    this.#core.clients.abort();
  }

  #logger(): Logger {
    const at = (level: string) => (message: string, facts?: Readonly<Record<string, unknown>>) =>
      this.#world.note(`${level} ${message} ${JSON.stringify(facts ?? {})}`);
    return loggerOf(at);
  }
}
