import type { ByteStream } from "../../src/router/net/byte-stream.ts";
import type { Network, StreamOptions, StreamTarget } from "../../src/router/net/network.ts";
import type { Random } from "./random.ts";
import { RouterLeg } from "./router-leg.ts";
import type { VirtualRank } from "./virtual-rank.ts";
import { VirtualStream, type WireOptions } from "./virtual-stream.ts";
import type { World } from "./world.ts";

/** When a kernel sends its wish to connect again, after the first time. */
const synMs = [1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 127_000];
/** A kernel's last question to a silent machine, after the first. */
const keepAliveProbesMs = 10_000;

/** The way from the router to its ranks. */
export class VirtualNetwork implements Network {
  /** By port. */
  readonly ranks = new Map<number, VirtualRank>();
  readonly busyCounts = new Map<number, number>();
  readonly #connections = new Set<Connection>();
  readonly #world: World;
  readonly #random: Random;
  readonly #requestKeepAliveMs: number;

  /** Connections for requests are known by their keep-alive time; those of health checks have another. */
  constructor(world: World, random: Random, requestKeepAliveMs: number) {
    this.#world = world;
    this.#random = random;
    this.#requestKeepAliveMs = requestKeepAliveMs;
  }

  /** Requests at the rank with this port, as the router's connections say. */
  busyCount(port: number): number {
    return this.busyCounts.get(port) ?? 0;
  }

  /** Connections that the router has open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Bytes that wait in the router's memory for the rank that takes them slowest. */
  get waitingByteCountMax(): number {
    let most = 0;
    for (const { near } of this.#connections) most = Math.max(most, near.waitingByteCount);
    return most;
  }

  connect(target: StreamTarget, options: StreamOptions): ByteStream {
    const rank = this.ranks.get(target.port);
    if (rank === undefined) throw new Error(`The router connects to ${target.host}:${target.port}`);
    const leg = new RouterLeg(this.#world, rank.index, {
      role: rank.options.role,
      isProbe: options.keepAliveMs !== this.#requestKeepAliveMs,
      onWork: (change) => this.busyCounts.set(rank.port, this.busyCount(rank.port) + change),
      onOver: () => this.#connections.delete(connection),
    });
    const wire = drawWire(this.#random);
    const { queue } = this.#world;
    const ends = { queue, random: this.#random, link: rank.link, wire };
    const { bufferBytesMax } = options;
    const near = new VirtualStream({ ...ends, bufferBytesMax, witness: leg }, false);
    const far = new VirtualStream({ ...ends, bufferBytesMax: 16_384 }, false);
    VirtualStream.join(near, far);
    const connection = { near, far, leg, rank, keepAliveMs: options.keepAliveMs };
    this.#connections.add(connection);
    this.#knock(connection, 0);
    return near;
  }

  #knock(connection: Connection, knockCount: number): void {
    const { near, far, leg, rank } = connection;
    const { queue } = this.#world;
    if (near.isOver) return;
    queue.after(rank.link.latencyMs(), () => {
      if (near.isOver) return;
      if (rank.link.isCut) {
        const delayMs = synMs[knockCount];
        if (delayMs === undefined) return near.fail("ETIMEDOUT");
        queue.after(delayMs, () => this.#knock(connection, knockCount + 1));
      } else if (rank.isListening) {
        far.connect();
        rank.accept(far, leg);
        rank.link.deliver(queue.nowMs + rank.link.latencyMs(), () => {
          near.connect();
        });
      } else {
        rank.link.deliver(queue.nowMs + rank.link.latencyMs(), () => near.fail("ECONNREFUSED"));
      }
    });
  }

  /** Nothing passes to or from the rank's machine any more; kernels end their connections in time. */
  cut(rank: VirtualRank): void {
    rank.link.cut();
    for (const { near, rank: other, keepAliveMs } of this.#connections) {
      if (other !== rank) continue;
      this.#world.queue.after(keepAliveMs + keepAliveProbesMs, () => {
        if (!near.isOver && rank.link.isCut) near.fail("ETIMEDOUT");
      });
    }
  }
}

interface Connection {
  readonly near: VirtualStream;
  readonly far: VirtualStream;
  readonly leg: RouterLeg;
  readonly rank: VirtualRank;
  readonly keepAliveMs: number;
}

/** Nothing that is read at once is longer. */
export const windowBytesMax = 16_384;

/** Most connections carry whole messages, some cut them anywhere. */
export function drawWire(random: Random, isSlow = false): WireOptions {
  // A slow reader rests between two segments: small ones would take it all day.
  if (isSlow) {
    const segmentBytesMax = random.magnitude(500, 4_000);
    return { windowBytes: segmentBytesMax * random.between(1, 3), segmentBytesMax };
  }
  const windowBytes = random.magnitude(256, windowBytesMax / 2);
  const segmentBytesMax = random.chance(0.25)
    ? random.between(1, 60)
    : random.magnitude(200, windowBytesMax / 2);
  return { windowBytes: Math.max(windowBytes, segmentBytesMax * 2), segmentBytesMax };
}
