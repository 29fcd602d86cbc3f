import type { StreamEnd } from "../net/byte-stream.ts";
import type { RankConnectionUser } from "../ranks/rank-connection.ts";

/** A user of a connection that only notes what happens. */
export class ConnectionWitness implements RankConnectionUser {
  received = "";
  readonly ends: StreamEnd[] = [];
  readonly connected: Promise<void>;
  readonly #connected = Promise.withResolvers<void>();
  constructor() {
    this.connected = this.#connected.promise;
  }
  onConnect(): void {
    this.#connected.resolve();
  }
  onData(chunk: Buffer): void {
    this.received += chunk.toString("latin1");
  }
  onDrain(): void {}
  onDeadline(): void {}
  onEnd(end: StreamEnd): void {
    this.ends.push(end);
  }
}
