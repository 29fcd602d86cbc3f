import type { Deadlines } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { Network } from "../net/network.ts";
import type { RankAddress } from "./rank-address.ts";
import { RankConnection, type RankConnectionOptions } from "./rank-connection.ts";

export interface RankPoolOptions {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
}

/** The connections to one rank that wait for a request. The last one back goes out first, the others age. */
export class RankPool {
  readonly #network: Network;
  readonly #address: RankAddress;
  readonly #options: RankConnectionOptions;
  readonly #limits: RouterLimits;
  readonly #deadlines: Deadlines;
  readonly #idle: RankConnection[] = [];

  constructor(network: Network, address: RankAddress, { limits, deadlines }: RankPoolOptions) {
    this.#network = network;
    this.#address = address;
    this.#limits = limits;
    this.#deadlines = deadlines;
    this.#options = { limits, deadlines, onIdleEnd: (connection) => this.#drop(connection) };
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** An idle connection, if there is one. */
  take(): RankConnection | undefined {
    return this.#idle.pop();
  }

  /** A new connection, which is still connecting. */
  open(): RankConnection {
    return new RankConnection(this.#network, this.#address, this.#options);
  }

  /** Takes back a connection whose response has ended; closes it when enough are waiting. */
  put(connection: RankConnection): void {
    if (this.#idle.length >= this.#limits.idleConnectionsPerRankMax) return connection.destroy();
    connection.rest(this.#deadlines.nowMs + this.#limits.rankIdleMsMax);
    this.#idle.push(connection);
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #drop(connection: RankConnection): void {
    const position = this.#idle.indexOf(connection);
    if (position !== -1) this.#idle.splice(position, 1);
  }
}
