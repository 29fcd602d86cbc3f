import type { RouterCore } from "../../src/router/router-core.ts";
import type { VirtualClock } from "./event-queue.ts";
import { type VirtualNetwork, windowBytesMax } from "./virtual-network.ts";
import type { VirtualRank } from "./virtual-rank.ts";
import type { VirtualStream } from "./virtual-stream.ts";
import type { World } from "./world.ts";

export interface InvariantsParts {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly clock: VirtualClock;
  readonly core: RouterCore;
  readonly ranks: readonly VirtualRank[];
}

/** One read of a stream, and the head before it. */
const oneReadBytes = windowBytesMax + 1_024;
/** How late the end of a drain may be: timers ring late. */
const drainSlackMs = 100;

/** The health checks watch the table from their start on. */
const checksCount = 1;

/** What must hold, whatever the seed. */
export class Invariants {
  readonly #parts: InvariantsParts;
  /** The router's ends of its clients' connections. */
  readonly #clientStreams = new Set<VirtualStream>();

  /** What has a time limit. */
  readonly #watched = new Set<object>();
  readonly #watcherCount: number;

  constructor(parts: InvariantsParts) {
    this.#parts = parts;
    const { deadlines, table } = parts.core.context;
    this.#watcherCount = table.watchers.size;
    const watch = deadlines.watch.bind(deadlines);
    const forget = deadlines.forget.bind(deadlines);
    deadlines.watch = (item) => {
      this.#watched.add(item);
      watch(item);
    };
    deadlines.forget = (item) => {
      this.#watched.delete(item);
      forget(item);
    };
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
      if (state !== "up" && state !== "quarantined" && state !== "draining") {
        world.violate("healthy ranks serve", `rank in slot ${slot} is ${state}: ${reason}`);
      }
    }
    if (core.clients.count !== 0) leak(`${core.clients.count} client connections`);
    if (this.#clientStreams.size !== 0) leak(`${this.#clientStreams.size} client streams`);
    if (core.desk.activeCount !== 0) leak(`${core.desk.activeCount} requests`);
    if (metrics.waitingRequests.value !== 0)
      leak(`${metrics.waitingRequests.value} waiting requests`);
    if (this.#watched.size !== 0) leak(`${this.#watched.size} time limits`);
    const watcherCount = table.watchers.size - this.#watcherCount - checksCount;
    if (watcherCount !== 0) leak(`${watcherCount} watchers of ranks`);
    if (world.drainBeganAtMs < Infinity && !world.hasDrained) {
      world.violate("a drain ends in time", "it did not end");
    }
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
    // A kept answer is written as a whole to whoever comes back for it.
    const replayMax = world.hasReturns ? limits.idempotentAnswerBytesMax : 0;
    for (const stream of this.#clientStreams) {
      over("bytes to a client", stream.waitingByteCount, waitingMax + replayMax);
    }
  }
}
