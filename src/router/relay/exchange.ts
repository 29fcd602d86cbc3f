import assert from "node:assert/strict";
import type { ClientConnection, RequestSink } from "../accept/client-connection.ts";
import type { Deadlines, Expirable } from "../deadlines.ts";
import { Refusal } from "../http1/refusal.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RouterLimits } from "../limits.ts";
import type { RouterMetrics } from "../metrics.ts";
import type { HealthChecks } from "../ranks/health-checks.ts";
import { Lease } from "../ranks/lease.ts";
import type {
  ConnectionEnd,
  RankConnection,
  RankConnectionUser,
} from "../ranks/rank-connection.ts";
import type { RankPool } from "../ranks/rank-pool.ts";
import type { RankTable } from "../ranks/rank-table.ts";
import { Download } from "./download.ts";
import { requestHeadText, requestIdOf } from "./forwarded-head.ts";
import { Upload } from "./upload.ts";

/** What all exchanges of a router share. */
export interface ExchangeContext {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
  readonly table: RankTable;
  /** By slot. */
  readonly pools: readonly RankPool[];
  readonly health: HealthChecks;
  readonly metrics: RouterMetrics;
  /** Slot of the rank for this request, or -1 when none lives. */
  readonly choose: (head: RequestHead) => number;
  /** A response that broke off after the client had seen its beginning. */
  readonly onBroken: (slot: number, requestId: string, reason: string) => void;
}

/**
 * One request from the choice of its rank to its last byte:
 *
 *     choose -> lease -> connect -> upload and download -> release -> finish
 *
 * It moves to another rank only while no byte can have reached the first, and repeats itself on a fresh
 * connection only when a reused one turns out to be stale. After a byte of the answer there is no second attempt.
 */
export class Exchange implements RequestSink, RankConnectionUser, Expirable {
  deadlineMs = Infinity;
  readonly #context: ExchangeContext;
  readonly #client: ClientConnection;
  readonly #head: RequestHead;
  readonly #requestId: string;
  readonly #upload: Upload;
  readonly #download: Download;
  readonly #beganAtMs = performance.now();
  #lease: Lease | undefined;
  #connection: RankConnection | undefined;
  #connectTries = 0;
  #hasRepeated = false;
  #isOver = false;

  constructor(context: ExchangeContext, client: ClientConnection, head: RequestHead) {
    const { limits } = context;
    this.#context = context;
    this.#client = client;
    this.#head = head;
    this.#requestId = requestIdOf(head);
    this.#upload = new Upload(limits.heldBodyBytesMax);
    this.#download = new Download({ client, request: head, requestId: this.#requestId, limits });
  }

  /** Sends the request on its way. False when no rank lives; then it is answered already. */
  start(): boolean {
    this.#context.deadlines.watch(this);
    this.#placeAnew();
    return !this.#isOver;
  }

  onBody(bytes: Buffer): boolean {
    this.#context.metrics.receivedBytes.add(bytes.length);
    const takesMore = this.#upload.push(bytes);
    if (!takesMore && this.#connection?.isConnected === true) this.#awaitDrain();
    return takesMore;
  }

  onBodyEnd(): void {
    this.#upload.isComplete = true;
  }

  onClientDrain(): void {
    this.#connection?.resume();
  }

  onClientGone(): void {
    if (this.#isOver) return;
    this.#context.metrics.clientAborts.add();
    this.#end();
  }

  onConnect(): void {
    this.#send();
  }

  onData(chunk: Buffer): void {
    this.#expectRankWithin(this.#context.limits.rankSilenceMsMax);
    try {
      this.#pass(chunk);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(error.message);
    }
  }

  onDrain(): void {
    this.#expectRankWithin(this.#context.limits.rankSilenceMsMax);
    this.#client.resumeBody();
  }

  onEnd(end: ConnectionEnd): void {
    const wasReused = this.#connection?.isReused === true;
    this.#upload.detach();
    this.#connection = undefined;
    if (!end.wasConnected) this.#onUnreachable(end.reason);
    else if (end.isOrderly && this.#download.takeEnd()) this.#complete();
    else if (wasReused && !this.#hasRepeated && this.#canRepeat) this.#repeat();
    else this.#fail(`its connection ended: ${end.reason}`);
  }

  onDeadline(): void {
    const connection = this.#connection;
    assert(connection !== undefined);
    if (connection.isConnected) return this.#fail("it neither took nor sent anything for too long");
    connection.destroy();
    this.#upload.detach();
    this.#connection = undefined;
    this.#onUnreachable("no connection in time");
  }

  get #canRepeat(): boolean {
    return !this.#download.hasBegun && this.#upload.isRepeatable;
  }

  /** Chooses a rank, gives up the last one, and connects. */
  #placeAnew(): void {
    const { table, limits } = this.#context;
    this.#lease?.release();
    this.#lease = undefined;
    const slot =
      this.#connectTries < limits.connectTriesMax ? this.#context.choose(this.#head) : -1;
    if (slot === -1) {
      const why = table.livingCount === 0 ? table.whyNoneLives() : "too many ranks are unreachable";
      return this.#refuse(503, `Cannot serve the request: no rank is ready: ${why}`);
    }
    assert(table.living[slot] === 1);
    this.#lease = new Lease(table, slot);
    this.#download.rank = table.addresses[slot]!.index;
    if (this.#connectTries++ > 0) this.#context.metrics.connectRetries.add();
    const pool = this.#pool(slot);
    this.#connect(pool.take() ?? pool.open());
  }

  #repeat(): void {
    assert(this.#lease !== undefined);
    this.#hasRepeated = true;
    this.#context.metrics.staleRetries.add();
    this.#connect(this.#pool(this.#lease.slot).open());
  }

  #connect(connection: RankConnection): void {
    this.#connection = connection;
    connection.use(this);
    if (connection.isConnected) this.#send();
    else this.#expectRankWithin(this.#context.limits.connectMsMax);
  }

  #send(): void {
    const connection = this.#connection;
    const lease = this.#lease;
    assert(connection !== undefined && lease !== undefined);
    this.#expectRankWithin(this.#context.limits.rankSilenceMsMax);
    const { authority } = this.#context.table.addresses[lease.slot]!;
    connection.writeHead(requestHeadText(this.#head, { authority, requestId: this.#requestId }));
    if (this.#upload.sendTo(connection)) this.#client.resumeBody();
    else this.#awaitDrain();
  }

  #pass(chunk: Buffer): void {
    const download = this.#download;
    const isFirst = download.byteCount === 0;
    download.take(chunk);
    if (isFirst && download.byteCount > 0) {
      this.#context.metrics.firstByteSeconds.observe(this.#elapsedSeconds());
    }
    if (download.isDone) this.#complete();
    else if (this.#client.isCongested) this.#connection?.pause();
  }

  #onUnreachable(reason: string): void {
    assert(this.#lease !== undefined);
    this.#context.health.noteUnreachable(this.#lease.slot, reason);
    this.#placeAnew();
  }

  /** The rank's last byte has come. */
  #complete(): void {
    const connection = this.#connection;
    const lease = this.#lease;
    assert(lease !== undefined);
    const isUsable = this.#download.leavesConnectionUsable && this.#upload.isComplete;
    if (connection !== undefined && isUsable && connection.isFlushed) {
      this.#connection = undefined;
      this.#pool(lease.slot).put(connection);
    }
    this.#observe(this.#download.head?.status ?? 0);
    this.#end();
    this.#client.finish();
  }

  /** The rank failed this request after it may have begun on it. */
  #fail(reason: string): void {
    const lease = this.#lease;
    assert(lease !== undefined);
    const { index } = this.#context.table.addresses[lease.slot]!;
    this.#context.health.checkNow(lease.slot);
    const message = `Cannot finish the request: rank ${index} failed, ${reason}`;
    if (this.#download.head === undefined) return this.#refuse(502, message);
    this.#context.onBroken(lease.slot, this.#requestId, reason);
    this.#context.metrics.brokenResponses.add();
    this.#observe(this.#download.head.status);
    this.#end();
    this.#download.breakOff(message);
  }

  #refuse(status: number, message: string): void {
    this.#observe(status);
    this.#end();
    this.#client.refuse(status, message, status === 503 ? ["retry-after: 1"] : []);
  }

  #observe(status: number): void {
    const { metrics } = this.#context;
    metrics.ofStatus(status).add();
    metrics.durationSeconds.observe(this.#elapsedSeconds());
    metrics.sentBytes.add(this.#download.byteCount);
  }

  /** Gives everything back; whatever happens afterwards concerns this request no more. */
  #end(): void {
    assert(!this.#isOver);
    this.#isOver = true;
    this.#context.deadlines.forget(this);
    this.#upload.detach();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#lease?.release();
    this.#lease = undefined;
  }

  #pool(slot: number): RankPool {
    const pool = this.#context.pools[slot];
    assert(pool !== undefined);
    return pool;
  }

  /** The rank is behind with the body: it has less time than a generation takes. */
  #awaitDrain(): void {
    this.#expectRankWithin(this.#context.limits.rankStallMsMax);
  }

  #expectRankWithin(limitMs: number): void {
    this.deadlineMs = this.#context.deadlines.nowMs + limitMs;
  }

  #elapsedSeconds(): number {
    return (performance.now() - this.#beganAtMs) / 1_000;
  }
}
