import { nobody } from "../../src/router/net/nobody.ts";
import type { RankRole } from "../../src/router/ranks/rank-table.ts";
import type { Link } from "./link.ts";
import type { Random } from "./random.ts";
import type { RouterLeg } from "./router-leg.ts";
import { ServedConnection } from "./served-connection.ts";
import type { VirtualStream } from "./virtual-stream.ts";
import type { World } from "./world.ts";

/** How a rank answers its health checks. */
export type HealthManner = "well" | "late" | "twice" | "badly" | "never" | "nonsense";

export interface VirtualRankOptions {
  readonly index: number;
  readonly role: RankRole;
  readonly link: Link;
  readonly random: Random;
  /** Requests that it works on at once; the rest wait. */
  readonly slotCount: number;
  /** What its work takes, as a multiple of what the request says. */
  readonly slowness: number;
  /** After which it closes an idle connection. */
  readonly keepAliveMs: number;
  /** Of requests that it fails. */
  readonly faultChance: number;
  /** It does so before the first byte of an answer, each time. */
  readonly failsEarly: boolean;
}

/** A rank server: one process on one machine, which can crash, stop and come back. */
export class VirtualRank {
  readonly index: number;
  readonly port: number;
  readonly options: VirtualRankOptions;
  readonly link: Link;
  readonly world: World;
  isListening = true;
  health: HealthManner = "well";
  readonly connections = new Set<ServedConnection>();
  #isStalled = false;
  #held: (() => void)[] = [];
  #busyCount = 0;
  readonly #waiting: (() => void)[] = [];
  /** Counts the lives of the process: what a dead one had in mind never happens. */
  #life = 0;

  constructor(world: World, options: VirtualRankOptions) {
    this.world = world;
    this.options = options;
    this.index = options.index;
    this.port = 8_100 + options.index;
    this.link = options.link;
  }

  get url(): string {
    return `http://rank-${this.index}:${this.port}`;
  }

  /** Requests that it works on. */
  get busyCount(): number {
    return this.#busyCount;
  }

  accept(stream: VirtualStream, leg: RouterLeg): void {
    const connection = new ServedConnection(this, stream, leg);
    this.connections.add(connection);
    if (this.#isStalled) stream.pause();
  }

  /** The process does something later: not while it is stopped, and not after its end. */
  after(delayMs: number, action: () => void): void {
    const life = this.#life;
    this.world.queue.after(delayMs, () => {
      if (life !== this.#life) return;
      if (this.#isStalled) this.#held.push(action);
      else action();
    });
  }

  /** Calls once there is a place to work. */
  enter(action: () => void): void {
    if (this.#busyCount < this.options.slotCount) {
      this.#busyCount++;
      action();
    } else this.#waiting.push(action);
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busyCount--;
    else this.after(0, next);
  }

  crash(): void {
    this.isListening = false;
    this.#waiting.length = 0;
    for (const connection of this.connections) connection.crash();
    this.connections.clear();
    this.#isStalled = false;
    this.#held = [];
    this.#busyCount = 0;
    this.#life++;
  }

  restart(): void {
    this.isListening = true;
    this.health = "well";
  }

  /** As SIGSTOP does: its kernel still takes connections and bytes. */
  stall(): void {
    this.#isStalled = true;
    for (const { stream } of this.connections) stream.pause();
  }

  goOn(): void {
    this.#isStalled = false;
    for (const { stream } of this.connections) stream.resume();
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.after(0, action);
  }

  drop(connection: ServedConnection): void {
    connection.stream.user = nobody;
    this.connections.delete(connection);
  }
}
