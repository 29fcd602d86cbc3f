/**
 * The clients of one router at a time, in a process of their own: `fork(file)`, a {@linkcode LoadJob} as a message, and
 * a {@linkcode LoadReply} comes back.
 *
 * Closed loop: each connection sends its next request when its answer is there. Open loop: requests come at random
 * (Poisson) moments of a fixed mean rate, on a connection that is free, and wait where none is.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../src/router/choose/seeded-random.ts";
import { percentile } from "../table.ts";
import { AnswerReader } from "./answer-reader.ts";
import { cpuMicroseconds, readCpuTime } from "./cpu-time.ts";
import {
  answerBytes,
  eventBytes,
  eventGapMs,
  makeRequests,
  type Request,
  type Shape,
} from "./traffic.ts";

export interface LoadJob {
  readonly port: number;
  /** Processes whose CPU time is to be measured. */
  readonly pids: readonly number[];
  readonly shape: Shape;
  readonly connectionCount: number;
  /** Open loop at this rate; without it a closed loop. */
  readonly requestsPerSecond?: number | undefined;
  readonly warmSeconds: number;
  readonly seconds: number;
}

/** What happened in `seconds` after the warm-up. */
export interface LoadResult {
  readonly seconds: number;
  readonly answerCount: number;
  /** Events of streams that arrived. */
  readonly eventCount: number;
  /** Reads that brought them: the fewer, the more of them arrived together. */
  readonly readCount: number;
  readonly cpuMicroseconds: number;
  /** From just before a request is sent, or is due where no connection is free, to its answer's last byte. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

export type LoadReply = { readonly result: LoadResult } | { readonly error: string };

const waitingRequestsMax = 20_000;
const finishMsMax = 20_000;
/**
 * How long clients of a fixed rate pause before they look again what is due and what has come, which is the grain of
 * the latencies. Timers are too coarse. Without a pause they take a core, so it must be one that nobody else needs.
 */
const pauseMs = availableParallelism() >= 4 ? 0 : 0.02;
const pause = new Int32Array(new SharedArrayBuffer(4));

makePausesExact();
process.once("disconnect", () => process.exit());
process.on("message", (job: LoadJob) => {
  new Load(job).run().then(
    (result) => process.send?.({ result } satisfies LoadReply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies LoadReply),
  );
});

/** Linux makes every pause 50 µs longer unless told otherwise. */
function makePausesExact(): void {
  try {
    writeFileSync("/proc/self/timerslack_ns", "1");
  } catch {
    // Then latencies are as coarse as that, directly and through a router alike.
  }
}

class Load {
  readonly #job: LoadJob;
  readonly #requests: readonly Request[];
  readonly #answerBytes: number;
  readonly #free: Client[] = [];
  /** When the requests were due that found no free connection. */
  readonly #waiting: number[] = [];
  readonly #latenciesMs: number[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #idle = Promise.withResolvers<void>();
  #sentCount = 0;
  #answeredCount = 0;
  #bodyBytes = 0;
  #readCount = 0;
  #isEnding = false;

  constructor(job: LoadJob) {
    this.#job = job;
    // A stream begins in the warm-up and ends behind the end: each moment between has all of them.
    const streamSeconds = job.warmSeconds + job.seconds + 0.5;
    const eventCount = Math.ceil((streamSeconds * 1_000) / eventGapMs);
    this.#requests = makeRequests(job.shape, eventCount);
    this.#answerBytes = answerBytes(job.shape, eventCount);
    this.#failed.promise.catch(() => undefined); // Whoever waits for anything sees it.
  }

  async run(): Promise<LoadResult> {
    const clients = Array.from({ length: this.#job.connectionCount }, () => this.#makeClient());
    const stop = new AbortController();
    try {
      await this.#orFail(Promise.all(clients.map((client) => client.connected)));
      this.#begin(clients, stop.signal);
      await this.#orFail(sleep(this.#job.warmSeconds * 1_000));
      const result = await this.#measure();
      this.#isEnding = true;
      stop.abort();
      await this.#orFail(this.#finish());
      return result;
    } finally {
      stop.abort();
      for (const client of clients) client.close();
    }
  }

  #makeClient(): Client {
    return new Client(this.#job.port, {
      answerBytes: this.#answerBytes,
      onRead: (bodyBytes) => {
        this.#bodyBytes += bodyBytes;
        this.#readCount += 1;
      },
      onAnswer: (client, dueMs) => {
        this.#answeredCount += 1;
        this.#latenciesMs.push(performance.now() - dueMs);
        this.#next(client);
      },
      onFailure: (error) => {
        this.#failed.reject(error);
      },
    });
  }

  #begin(clients: readonly Client[], signal: AbortSignal): void {
    const { requestsPerSecond, shape } = this.#job;
    if (requestsPerSecond !== undefined) {
      this.#free.push(...clients);
      this.#sendAtRate(requestsPerSecond, signal);
    } else if (shape === "stream")
      // Spread over one gap, so that events of different streams do not come at once either.
      for (const [index, client] of clients.entries())
        setTimeout(() => this.#send(client), (index / clients.length) * eventGapMs);
    else for (const client of clients) this.#send(client);
  }

  #sendAtRate(requestsPerSecond: number, signal: AbortSignal): void {
    const random = seededRandom(1);
    const gapMs = () => (-Math.log(1 - random() / 2 ** 32) * 1_000) / requestsPerSecond;
    let dueMs = performance.now() + gapMs();
    const sendDue = () => {
      for (const nowMs = performance.now(); dueMs <= nowMs; dueMs += gapMs())
        this.#sendOrWait(nowMs);
      if (signal.aborted) return;
      if (pauseMs > 0) Atomics.wait(pause, 0, 0, pauseMs);
      setImmediate(sendDue);
    };
    sendDue();
  }

  #sendOrWait(nowMs: number): void {
    const client = this.#free.pop();
    if (client !== undefined) this.#send(client);
    else if (this.#waiting.push(nowMs) > waitingRequestsMax)
      this.#failed.reject(new Error(`router cannot keep up with ${this.#job.requestsPerSecond}/s`));
  }

  #next(client: Client): void {
    if (this.#isEnding) {
      if (this.#answeredCount === this.#sentCount) this.#idle.resolve();
      return;
    }
    const isOpen = this.#job.requestsPerSecond !== undefined;
    const dueMs = isOpen ? this.#waiting.shift() : performance.now();
    if (dueMs === undefined) this.#free.push(client);
    else this.#send(client, dueMs);
  }

  #send(client: Client, dueMs = performance.now()): void {
    client.send(this.#requests[this.#sentCount++ % this.#requests.length]!, dueMs);
  }

  async #measure(): Promise<LoadResult> {
    this.#latenciesMs.length = 0;
    this.#bodyBytes = 0;
    this.#readCount = 0;
    const answeredBefore = this.#answeredCount;
    const cpuBefore = readCpuTime(this.#job.pids);
    const begunMs = performance.now();
    await this.#orFail(sleep(this.#job.seconds * 1_000));
    const seconds = (performance.now() - begunMs) / 1_000;
    const cpu = cpuMicroseconds(cpuBefore, readCpuTime(this.#job.pids));
    const answerCount = this.#answeredCount - answeredBefore;
    const isStream = this.#job.shape === "stream";
    if (!isStream) assert.ok(answerCount > 0, "no answer came");
    return {
      seconds,
      answerCount,
      eventCount: isStream ? this.#bodyBytes / eventBytes.length : 0,
      readCount: this.#readCount,
      cpuMicroseconds: cpu,
      latencyMs: {
        p50: percentile(this.#latenciesMs, 0.5),
        p99: percentile(this.#latenciesMs, 0.99),
      },
    };
  }

  /** Every request that was sent gets its whole answer. */
  async #finish(): Promise<void> {
    if (this.#answeredCount === this.#sentCount) return;
    const timer = setTimeout(() => {
      const missing = this.#sentCount - this.#answeredCount;
      this.#failed.reject(new Error(`${missing} answers did not come`));
    }, finishMsMax);
    await this.#orFail(this.#idle.promise).finally(() => clearTimeout(timer));
  }

  #orFail<Value>(promise: Promise<Value>): Promise<Value> {
    return Promise.race([promise, this.#failed.promise]);
  }
}

interface ClientOptions {
  readonly answerBytes: number;
  readonly onRead: (bodyBytes: number) => void;
  readonly onAnswer: (client: Client, dueMs: number) => void;
  readonly onFailure: (error: Error) => void;
}

/** One kept connection with at most one request under way. */
class Client {
  readonly connected: Promise<unknown>;
  readonly #socket: Socket;
  #dueMs = 0;
  #isBusy = false;
  #isClosed = false;

  constructor(port: number, { answerBytes, onRead, onAnswer, onFailure }: ClientOptions) {
    const reader = new AnswerReader(answerBytes);
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.connected = once(this.#socket, "connect");
    const fail = (error: Error) => {
      if (!this.#isClosed) onFailure(error);
      this.close();
    };
    this.#socket.on("error", fail);
    this.#socket.on("close", () => fail(new Error("router closed a connection")));
    this.#socket.on("data", (bytes) => {
      try {
        assert.ok(this.#isBusy, "bytes without a request");
        const { bodyBytes, isOver } = reader.take(bytes);
        onRead(bodyBytes);
        if (!isOver) return;
        this.#isBusy = false;
        onAnswer(this, this.#dueMs);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  send(request: Request, dueMs: number): void {
    this.#dueMs = dueMs;
    this.#isBusy = true;
    this.#socket.cork();
    for (const part of request) this.#socket.write(part);
    this.#socket.uncork();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }
}
