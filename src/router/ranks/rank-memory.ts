/**
 * What is counted of each rank, by slot, in memory that all threads of a router share. Changed with Atomics only; read
 * as it is, since a policy may as well see a number of a moment ago.
 */
export class RankMemory {
  /** To be handed to other threads. */
  readonly buffer: SharedArrayBuffer;
  readonly ranksMax: number;
  /** Requests between choice and last byte: those in `prefilling` and those in `decoding`. */
  readonly inFlight: Uint32Array;
  /** Requests whose rank computes a prompt: from the choice to the first byte of the answer's body. */
  readonly prefilling: Uint32Array;
  /** Requests whose rank generates: from then on, or from the choice on where the prompt came from another rank. */
  readonly decoding: Uint32Array;
  /** Open answers that are event streams. */
  readonly streams: Uint32Array;
  /** Answers without a fault of the rank's, ever, modulo 2^32. */
  readonly goodAnswers: Uint32Array;
  /** 1 where something came from the rank since this was last looked at. */
  readonly heard: Uint32Array;
  /** How the request that tries out a rank in doubt stands: one of {@linkcode trialStates}. */
  readonly trials: Uint32Array;

  /** Memory of its own for a router, or that of another thread's. */
  constructor(from: number | SharedArrayBuffer = defaultRanksMax) {
    this.buffer = typeof from === "number" ? new SharedArrayBuffer(bytesPerRank * from) : from;
    const count = this.buffer.byteLength / bytesPerRank;
    this.ranksMax = count;
    let offset = 0;
    const next = () => {
      const counts = new Uint32Array(this.buffer, offset, count);
      offset += counts.byteLength;
      return counts;
    };
    this.inFlight = next();
    this.prefilling = next();
    this.decoding = next();
    this.streams = next();
    this.goodAnswers = next();
    this.heard = next();
    this.trials = next();
  }
}

export const trialStates = Object.freeze({
  /** No request is needed. */
  none: 0,
  /** The next request that comes to the rank is it. */
  offered: 1,
  /** It is chosen and has no lease yet. */
  claimed: 2,
  /** It is at the rank. */
  running: 3,
});

/** Ranks of one router, those that leave included. */
export const defaultRanksMax = 4_096;

const arrayCount = 7;
const bytesPerRank = arrayCount * Uint32Array.BYTES_PER_ELEMENT;
