import assert from "node:assert/strict";
import { Lease, type LeaseWork } from "../ranks/lease.ts";
import type { StreamEnd } from "../net/byte-stream.ts";
import type { RankConnection, RankConnectionUser } from "../ranks/rank-connection.ts";
import type { RankPool } from "../ranks/rank-pool.ts";
import type { RankTenant } from "../ranks/rank-table.ts";
import type { RelayContext } from "./relay-context.ts";
import type { Upload } from "./upload.ts";

/** Why an attempt ended before its answer did. */
export interface Loss {
  /**
   * "unreachable": there was no connection. "closed": it ended, in order where an answer may end so.
   * "silent": the rank neither took nor sent anything for too long. "given up": its health checks say that it is lost.
   */
  readonly kind: "unreachable" | "closed" | "silent" | "given up";
  /** Whether the rank can have seen any of the request. */
  readonly mayHaveBegun: boolean;
  readonly isOrderly: boolean;
  readonly reason: string;
}

export interface AttemptUser {
  /** Bytes of the rank's answer as they came, valid during the call. */
  onAnswer(chunk: Buffer): void;
  /** The rank takes more of the body. */
  onRankDrain(): void;
  /** The attempt is over and its lease and connection are given back. */
  onLoss(loss: Loss): void;
}

/** A request in a rank's hands. */
export interface Sending {
  /** Its head for this rank. */
  readonly headText: string;
  readonly upload: Upload;
}

export interface AttemptOptions {
  readonly slot: number;
  readonly sending: Sending;
  /**
   * What is sent on a new connection where an idle one turns out to be stale, since the rank may have begun all the
   * same. Undefined for what can or may be sent only once: it gets a new connection from the beginning.
   */
  readonly again: Sending | undefined;
  readonly work: LeaseWork;
  /** Until the rank's first byte and between two of its bytes. */
  readonly silenceMsMax: number;
  /** Whether it is given up as soon as the rank is out of use. Else only when the rank is lost. */
  readonly endsWhenDown?: boolean;
}

/**
 * One request at one rank: lease, connection, time limits. It repeats itself once where a reused connection turns
 * out to be stale; everything else that goes wrong is its user's to decide on. Ends exactly once: by a loss,
 * {@linkcode complete} or {@linkcode cancel}.
 */
export class Attempt implements RankConnectionUser, RankTenant {
  seat = -1;
  readonly slot: number;
  readonly #context: RelayContext;
  readonly #options: AttemptOptions;
  readonly #user: AttemptUser;
  readonly #lease: Lease;
  #sending: Sending;
  #connection: RankConnection | undefined;
  #hasSent = false;
  #hasAnswered = false;
  #hasRepeated = false;
  #isPaused = false;

  constructor(context: RelayContext, user: AttemptUser, options: AttemptOptions) {
    this.slot = options.slot;
    this.#context = context;
    this.#user = user;
    this.#options = options;
    this.#sending = options.sending;
    this.#lease = new Lease(context.table, options.slot, options.work);
  }

  /** Takes a connection that waits, where it may, or makes one. Calls its user in this turn only to say that the body may come. */
  start(): void {
    this.#context.table.tenants[this.slot]!.add(this); // The lease has checked the slot.
    const idle = this.#options.again === undefined ? undefined : this.#pool.take();
    this.#connect(idle ?? this.#pool.open());
  }

  /** The rank has not taken all of the body: it has less time than an answer takes. */
  awaitRankDrain(): void {
    if (this.#connection?.isConnected === true) this.#expectWithin(this.#limits.rankStallMsMax);
  }

  /** The answer's body begins. */
  noteFirstByte(isStream: boolean): void {
    this.#lease.noteFirstByte(isStream);
  }

  /** Nothing more of the answer for now. The rank is not waited for meanwhile: whoever is behind has limits of their own. */
  pause(): void {
    if (this.#connection === undefined || this.#isPaused) return;
    this.#isPaused = true;
    this.#connection.deadlineMs = Infinity;
    this.#connection.pause();
  }

  resume(): void {
    if (this.#connection === undefined || !this.#isPaused) return;
    this.#isPaused = false;
    this.#expectWithin(this.#options.silenceMsMax);
    this.#connection.resume();
  }

  /** The answer has come to its end. A connection that can carry another request is kept for it. */
  complete(isUsable: boolean): void {
    const connection = this.#connection;
    if (connection?.isFlushed === true && isUsable) {
      this.#connection = undefined;
      this.#pool.put(connection);
    }
    this.#end();
  }

  /** Gives it up; the rank sees its client leave. */
  cancel(): void {
    this.#end();
  }

  onConnect(): void {
    this.#send();
  }

  onData(chunk: Buffer): void {
    this.#hasAnswered = true;
    this.#context.health.noteHeard(this.slot);
    this.#expectWithin(this.#options.silenceMsMax);
    this.#user.onAnswer(chunk);
  }

  onDrain(): void {
    this.#expectWithin(this.#options.silenceMsMax);
    this.#user.onRankDrain();
  }

  onEnd({ wasConnected, isOrderly, reason }: StreamEnd): void {
    const wasReused = this.#connection?.isReused === true;
    this.#connection = undefined;
    if (!wasConnected) return this.#lose("unreachable", reason);
    if (wasReused && this.#canRepeat) return this.#repeat();
    this.#lose("closed", `its connection ended: ${reason}`, isOrderly);
  }

  onDeadline(): void {
    assert(this.#connection !== undefined);
    if (!this.#connection.isConnected) return this.#lose("unreachable", "no connection in time");
    this.#lose("silent", "it neither took nor sent anything for too long");
  }

  onRankDown(): void {
    if (this.#options.endsWhenDown === true) this.#lose("given up", "its health checks fail");
  }

  onRankLost(reason: string): void {
    this.#lose("given up", reason);
  }

  get #limits() {
    return this.#context.limits;
  }

  get #pool(): RankPool {
    const pool = this.#context.pools[this.slot];
    assert(pool !== undefined);
    return pool;
  }

  get #canRepeat(): boolean {
    const canSend = this.#options.again?.upload.isRepeatable === true;
    return canSend && !this.#hasRepeated && !this.#hasAnswered;
  }

  #repeat(): void {
    this.#hasRepeated = true;
    this.#context.metrics.retries.stale_connection.add();
    this.#sending.upload.detach();
    this.#sending = this.#options.again!; // Without it nothing is repeated.
    this.#connect(this.#pool.open());
  }

  #connect(connection: RankConnection): void {
    this.#connection = connection;
    connection.use(this);
    if (connection.isConnected) this.#send();
    else this.#expectWithin(this.#limits.connectMsMax);
  }

  #send(): void {
    const connection = this.#connection;
    assert(connection !== undefined);
    this.#hasSent = true;
    this.#expectWithin(this.#options.silenceMsMax);
    connection.writeHead(this.#sending.headText);
    if (this.#sending.upload.sendTo(connection)) this.#user.onRankDrain();
    else this.awaitRankDrain();
  }

  #lose(kind: Loss["kind"], reason: string, isOrderly = false): void {
    this.#end();
    this.#user.onLoss({ kind, mayHaveBegun: this.#hasSent, isOrderly, reason });
  }

  #end(): void {
    this.#context.table.tenants[this.slot]!.delete(this);
    this.#sending.upload.detach();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#lease.release();
  }

  #expectWithin(limitMs: number): void {
    if (this.#connection === undefined || this.#isPaused) return;
    this.#connection.deadlineMs = this.#context.deadlines.nowMs + limitMs;
  }
}
