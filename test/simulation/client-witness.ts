import type { StreamWitness } from "./virtual-stream.ts";
import type { World } from "./world.ts";

const headPattern = /^HTTP\/1\.1 [2-5]\d\d .*?\r\nx-request-id: (\S+)\r\n/s;

/** Notes when the router begins to answer a request: from then on no other rank may be asked. */
export class ClientWitness implements StreamWitness {
  readonly #world: World;
  readonly #onOver: () => void;

  constructor(world: World, onOver: () => void) {
    this.#world = world;
    this.#onOver = onOver;
  }

  onWritten(bytes: Buffer): void {
    const id = headPattern.exec(bytes.toString("latin1", 0, 1_024))?.[1];
    const record = this.#world.record(id);
    if (record !== undefined) record.hasAnswerBegun = true;
  }

  onRead(bytes: Buffer): void {
    this.#world.noteNumber(bytes.length);
  }

  onOver(): void {
    this.#onOver();
  }
}
