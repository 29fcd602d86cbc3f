import type { RouterCore } from "../../src/router/router-core.ts";
import type { VirtualClock } from "./event-queue.ts";
import { safePaths } from "./request-plan.ts";
import type { VirtualNetwork } from "./virtual-network.ts";
import type { VirtualRank } from "./virtual-rank.ts";
import type { VirtualStream } from "./virtual-stream.ts";
import type { RequestRecord, World } from "./world.ts";

export interface InvariantsParts {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly clock: VirtualClock;
  readonly core: RouterCore;
  readonly ranks: readonly VirtualRank[];
}

/** One read of a stream, and the head before it. */
const oneReadBytes = 65_536 + 4_096;
/** How late the end of a drain may be: timers ring late. */
const drainSlackMs = 100;

/** What must hold, whatever the seed. */
export class Invariants {
  readonly #parts: InvariantsParts;
  /** The router's ends of its clients' connections. */
  readonly #clientStreams = new Set<VirtualStream>();

  constructor(parts: InvariantsParts) {
    this.#parts = parts;
  }

  watchClient(stream: VirtualStream): void {
    this.#clientStreams.add(stream);
  }

  forgetClient(stream: VirtualStream): void {
    this.#clientStreams.delete(stream);
  }

  /** After each event. */
  checkTurn(): void {
    this.#checkLeases();
    this.#checkLimits();
  }

  /** All clients have ended, or had all the time that they may need. */
  checkAnswers(): void {
    const { world } = this.#parts;
    for (const record of world.records.values()) {
      const { plan, outcome } = record;
      if (outcome === undefined) world.violate("no request starves", "it has no end", plan.id);
      this.#checkExecutions(record);
    }
  }

  /** No client is there any more, and no fault lasts. */
  checkRest(): void {
    const { world, core, ranks } = this.#parts;
    const { table, metrics } = core.context;
    const leak = (detail: string) => world.violate("all is given back", detail);
    for (const slot of table.slots()) {
      if (table.inFlight[slot] !== 0) leak(`${table.inFlight[slot]} leases of slot ${slot}`);
      const { size } = table.tenants[slot]!;
      if (size !== 0) leak(`${size} tenants of slot ${slot}`);
      const { state, reason } = table.statusOf(slot);
      if (state !== "up" && state !== "quarantined") {
        world.violate("healthy ranks serve", `rank in slot ${slot} is ${state}: ${reason}`);
      }
    }
    if (core.clients.count !== 0) leak(`${core.clients.count} client connections`);
    if (this.#clientStreams.size !== 0) leak(`${this.#clientStreams.size} client streams`);
    if (core.desk.activeCount !== 0) leak(`${core.desk.activeCount} requests`);
    if (metrics.waitingRequests.value !== 0)
      leak(`${metrics.waitingRequests.value} waiting requests`);
    for (const rank of ranks) {
      if (rank.busyCount !== 0) leak(`rank ${rank.index} works for ${rank.busyCount} nobodies`);
    }
  }

  checkClosed(): void {
    const { world, clock, network } = this.#parts;
    const leak = (detail: string) => world.violate("all is given back", detail);
    if (clock.timerCount !== 0) leak(`${clock.timerCount} timers`);
    if (network.connectionCount !== 0) leak(`${network.connectionCount} connections to ranks`);
  }

  checkDrained(): void {
    const { world, core } = this.#parts;
    const tookMs = world.queue.nowMs - world.drainBeganAtMs;
    if (tookMs > core.context.limits.drainMsMax + drainSlackMs) {
      world.violate("a drain ends in time", `it took ${tookMs} ms`);
    }
  }

  #checkLeases(): void {
    const { world, core, network } = this.#parts;
    const { table } = core.context;
    for (let slot = 0; slot < table.count; slot++) {
      const { port } = table.addresses[slot]!;
      const leases = table.inFlight[slot]!;
      const truth = network.busyCount(port);
      const { prefilling, decoding } = table.memory;
      const parts = prefilling[slot]! + decoding[slot]!;
      if (leases === truth && leases === parts) continue;
      const detail = `slot ${slot} has ${leases} leases, ${parts} in parts, and ${truth} requests`;
      world.violate("leases are the truth", detail);
    }
  }

  #checkLimits(): void {
    const { world, core, network } = this.#parts;
    const { limits } = core.context;
    const { connectionsMax, requestsInFlightMax, queueDepthMax, relayBufferBytesMax } = limits;
    const over = (what: string, count: number, most: number) => {
      if (count > most) world.violate("limits hold", `${count} ${what} of ${most}`);
    };
    over("connections", core.clients.count, connectionsMax);
    over("requests", core.desk.activeCount, requestsInFlightMax + queueDepthMax);
    const waitingMax = relayBufferBytesMax + oneReadBytes;
    over("bytes to a rank", network.waitingByteCountMax, waitingMax + limits.heldBodyBytesMax);
    for (const stream of this.#clientStreams) {
      over("bytes to a client", stream.waitingByteCount, waitingMax);
    }
  }

  #checkExecutions(record: RequestRecord): void {
    const { world } = this.#parts;
    const { plan, executions, sentAtMs, attempts } = record;
    const isSafe = plan.method === "GET" || safePaths.has(plan.path);
    if (!isSafe && executions.length > 1) {
      world.violate(
        "what is not safe to repeat is done once",
        `${executions.length} times`,
        plan.id,
      );
    }
    const doneCount = executions.filter(
      ({ state, leg }) => state === "done" && leg !== "prefill",
    ).length;
    if (
      doneCount > 1 &&
      record.outcome === "whole" &&
      record.faults.length === 0 &&
      !world.wasDisturbed(record)
    ) {
      world.violate("nothing is done twice", `${doneCount} ranks did it`, plan.id);
    }
    if (sentAtMs >= world.drainBeganAtMs && attempts.length > 0) {
      world.violate("a router that drains takes nothing", "it was sent on", plan.id);
    }
  }
}
