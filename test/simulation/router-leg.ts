import type { RankRole } from "../../src/router/ranks/rank-table.ts";
import type { StreamWitness } from "./virtual-stream.ts";
import type { World } from "./world.ts";

const idPattern = /\r\nx-sim-id: (\S+)\r\n/;
const headPattern = /^[A-Z]+ \S+ HTTP\/1\.1\r\n/;

export interface RouterLegOptions {
  readonly role: RankRole;
  readonly isProbe: boolean;
  /** A request came to it, 1, or is there no more, -1. */
  readonly onWork: (change: 1 | -1) => void;
  readonly onOver: () => void;
}

/**
 * What the router does with one connection to a rank, told from its bytes alone. From here comes the truth about
 * leases: a request is at the rank from the connection's making, or from its head on one that was idle, until its
 * answer has come or the connection is over.
 */
export class RouterLeg implements StreamWitness {
  readonly rank: number;
  requestId: string | undefined;
  readonly #world: World;
  readonly #options: RouterLegOptions;
  #state: "opening" | "probe" | "busy" | "idle" | "over" = "over";
  #readByteCount = 0;
  #answerEndsAt = Infinity;

  constructor(world: World, rank: number, options: RouterLegOptions) {
    this.#world = world;
    this.rank = rank;
    this.#options = options;
    this.#turn(options.isProbe ? "probe" : "opening");
  }

  onWritten(bytes: Buffer): void {
    if (this.#state !== "opening" && this.#state !== "idle") return;
    const text = bytes.toString("latin1", 0, 4_096);
    if (!headPattern.test(text)) {
      this.#world.violate("answers are not mixed", `rank ${this.rank} gets bytes of no request`);
      return;
    }
    const isReused = this.#state === "idle";
    this.#turn("busy");
    this.#answerEndsAt = Infinity;
    this.requestId = idPattern.exec(text)?.[1];
    const record = this.#world.record(this.requestId);
    if (record === undefined) return;
    this.#world.note(`router sends ${this.requestId} to rank ${this.rank}`);
    const { role } = this.#options;
    record.attempts.push({ rank: this.rank, role, atMs: this.#world.queue.nowMs, isReused });
    // A client that came back may find nothing left of the answer that had begun.
    if (record.hasAnswerBegun && record.returnCount === 0) {
      this.#world.violate(
        "no attempt after a byte of the answer",
        `sent to rank ${this.rank} again`,
        this.requestId,
      );
    }
  }

  onRead(bytes: Buffer): void {
    this.#readByteCount += bytes.length;
    this.#world.noteNumber(bytes.length);
    if (this.#readByteCount >= this.#answerEndsAt && this.#state === "busy") this.#turn("idle");
  }

  onOver(): void {
    this.#turn("over");
    this.#options.onOver();
  }

  /** The rank's answer is whole once this many bytes of the connection have come. */
  endAnswerAt(byteCount: number): void {
    this.#answerEndsAt = byteCount;
    if (this.#readByteCount >= byteCount && this.#state === "busy") this.#turn("idle");
  }

  #turn(state: "opening" | "probe" | "busy" | "idle" | "over"): void {
    const wasAtWork = this.#state === "opening" || this.#state === "busy";
    const isAtWork = state === "opening" || state === "busy";
    this.#state = state;
    if (wasAtWork !== isAtWork) this.#options.onWork(isAtWork ? 1 : -1);
  }
}
