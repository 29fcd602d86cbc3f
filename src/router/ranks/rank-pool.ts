import type { Deadlines } from "../deadlines.ts";
import type { RouterLimits } from "../limits.ts";
import type { RankAddress } from "./rank-address.ts";
import { RankConnection } from "./rank-connection.ts";

/** The connections to one rank that wait for a request. The last one back goes out first, the others age. */
export class RankPool {
  readonly #address: RankAddress;
  readonly #limits: RouterLimits;
  readonly #deadlines: Deadlines;
  readonly #idle: RankConnection[] = [];

  constructor(address: RankAddress, limits: RouterLimits, deadlines: Deadlines) {
    this.#address = address;
    this.#limits = limits;
    this.#deadlines = deadlines;
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
    return new RankConnection(this.#address, this.#limits);
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
