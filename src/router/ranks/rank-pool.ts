import type { Deadlines } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { Network } from "../net/network.ts";
import type { RankAddress } from "./rank-address.ts";
import { RankConnection } from "./rank-connection.ts";

export interface RankPoolOptions {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
}

/** The connections to one rank that wait for a request. The last one back goes out first, the others age. */
export class RankPool {
  readonly #network: Network;
  readonly #address: RankAddress;
  readonly #limits: RouterLimits;
  readonly #deadlines: Deadlines;
  readonly #idle: RankConnection[] = [];

  constructor(network: Network, address: RankAddress, options: RankPoolOptions) {
    this.#network = network;
    this.#address = address;
    this.#limits = options.limits;
    this.#deadlines = options.deadlines;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** An idle connection, if there is one. */
  take(): RankConnection | undefined {
    const connection = this.#idle.pop();
    if (connection !== undefined) this.#deadlines.forget(connection);
    return connection;
  }

  /** A new connection, which is still connecting. */
  open(): RankConnection {
    return new RankConnection(this.#network, this.#address, this.#limits);
  }

  /** Takes back a connection whose response has ended; closes it when enough are waiting. */
  put(connection: RankConnection): void {
    if (this.#idle.length >= this.#limits.idleConnectionsPerRankMax) return connection.destroy();
    connection.deadlineMs = this.#deadlines.nowMs + this.#limits.rankIdleMsMax;
    connection.rest(() => this.#drop(connection));
    this.#idle.push(connection);
    this.#deadlines.watch(connection);
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #drop(connection: RankConnection): void {
    this.#deadlines.forget(connection);
    const position = this.#idle.indexOf(connection);
    if (position !== -1) this.#idle.splice(position, 1);
  }
}
