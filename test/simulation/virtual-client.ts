import type { StreamUser } from "../../src/router/net/byte-stream.ts";
import { nobody } from "../../src/router/net/nobody.ts";
import { type Answer, judgeAnswer } from "./judge-answer.ts";
import { type BodyLength, type MessageHead, MessageReader } from "./message-reader.ts";
import type { Random } from "./random.ts";
import { requestBody, type RequestPlan } from "./request-plan.ts";
import type { VirtualStream } from "./virtual-stream.ts";
import type { RequestRecord, World } from "./world.ts";

/** How a client behaves. */
export interface ClientManner {
  readonly beginsAtMs: number;
  /** Between an answer and the next request. */
  readonly thinkMsMax: number;
  /** Requests that it sends before the first of them is answered. */
  readonly pipelineDepth: number;
  /** Sends in pieces with pauses. */
  readonly isSlowSender: boolean;
  /** Reads a piece and then nothing for a while. */
  readonly isSlowReader: boolean;
  /** Of leaving while it waits for an answer. */
  readonly leavesChance: number;
  /** Of stopping amid a request. */
  readonly dawdlesChance: number;
}

export interface VirtualClientOptions {
  readonly manner: ClientManner;
  readonly plans: readonly RequestPlan[];
  readonly random: Random;
  /** Undefined where nobody listens. */
  readonly connect: () => VirtualStream | undefined;
  readonly onFinished: () => void;
}

const continueMs = 1_000;
/** Before its time is over a router closes no idle connection. */
const staleMs = 19_000;

/** One client: sends its requests on as few connections as it can, and judges each answer. */
export class VirtualClient implements StreamUser {
  readonly #world: World;
  readonly #options: VirtualClientOptions;
  readonly #unsent: RequestRecord[];
  #unanswered: RequestRecord[] = [];
  #stream: VirtualStream | undefined;
  #reader: MessageReader;
  #answer: Answer | undefined;
  #isSending = false;
  #isThinking = false;
  #isFinished = false;
  #onContinue: (() => void) | undefined;
  #connectFailures = 0;
  /** When the connection was made or had its last request. */
  #idleSinceMs = 0;
  /** For how long it had nothing to do before the requests in hand. */
  #restedMs = 0;

  constructor(world: World, options: VirtualClientOptions) {
    this.#world = world;
    this.#options = options;
    this.#unsent = options.plans.map((plan) => world.records.get(plan.id)!);
    this.#reader = this.#makeReader();
  }

  start(): void {
    this.#world.queue.after(this.#options.manner.beginsAtMs, () => this.#goOn());
  }

  onConnect(): void {
    this.#goOn();
  }

  onData(chunk: Buffer): void {
    try {
      this.#reader.read(chunk);
    } catch (error) {
      const id = this.#unanswered[0]?.plan.id;
      this.#world.violate("answers are well-formed", (error as Error).message, id);
      this.#close();
      return this.#goOn();
    }
    if (this.#options.manner.isSlowReader) this.#rest();
  }

  onDrain(): void {
    // It writes whenever it likes: its own memory is no matter here.
  }

  onEnd({ wasConnected, isOrderly }: { wasConnected: boolean; isOrderly: boolean }): void {
    this.#stream = undefined;
    if (!wasConnected) return this.#onRefused();
    if (isOrderly && this.#reader.endsWithConnection) this.#onMessage();
    else if (this.#unanswered.length > 0) this.#onBrokenOff();
    this.#sendAgain();
    this.#goOn();
  }

  #goOn(): void {
    if (this.#isFinished || this.#isSending || this.#isThinking) return;
    if (this.#unsent.length === 0 && this.#unanswered.length === 0) return this.#finish();
    if (this.#unsent.length === 0) return;
    if (this.#stream === undefined) return this.#open();
    if (!this.#stream.isConnected) return;
    if (this.#unanswered.length < this.#options.manner.pipelineDepth) this.#send();
  }

  #open(): void {
    this.#reader = this.#makeReader();
    this.#answer = undefined;
    this.#idleSinceMs = this.#world.queue.nowMs;
    const stream = this.#options.connect();
    if (stream === undefined) return this.#onRefused();
    this.#stream = stream;
    stream.user = this;
  }

  /** Nobody listens: a router that has drained. */
  #onRefused(): void {
    this.#stream = undefined;
    const { queue, drainBeganAtMs } = this.#world;
    if (queue.nowMs < drainBeganAtMs) {
      this.#world.violate("the router takes connections", "one was refused before the drain");
    }
    if (++this.#connectFailures > 2) {
      for (const record of this.#unsent.splice(0)) this.#end(record, "closed");
      return this.#goOn();
    }
    this.#isThinking = true;
    queue.after(500, () => {
      this.#isThinking = false;
      this.#goOn();
    });
  }

  #send(): void {
    const record = this.#unsent.shift()!;
    const { plan } = record;
    const { random, manner } = this.#options;
    const { nowMs } = this.#world.queue;
    if (this.#unanswered.length === 0) this.#restedMs = nowMs - this.#idleSinceMs;
    this.#idleSinceMs = nowMs;
    this.#unanswered.push(record);
    record.earlierAttemptCount = record.attempts.length;
    if (record.sentAtMs === -1) record.sentAtMs = this.#world.queue.nowMs;
    this.#world.note(`client sends ${plan.id} ${plan.method} ${plan.path} (${plan.answer})`);
    const head = headText(plan);
    const body = framedBody(plan, random);
    if (record.returnCount === 0 && random.chance(manner.leavesChance)) this.#leaveLater(record);
    record.isDawdling = random.chance(manner.dawdlesChance);
    if (record.isDawdling) {
      const text = head + body;
      return this.#sendPieces([text.slice(0, 1 + random.below(text.length - 1))], () => {
        this.#isSending = true; // Nothing comes behind it.
      });
    }
    if (plan.expectsContinue && this.#unanswered.length === 1 && body !== "") {
      return this.#sendPieces([head], () => this.#awaitContinue(body));
    }
    this.#sendPieces([head + body], () => {
      if (plan.closes) this.#isSending = true;
      else this.#goOn();
    });
  }

  #sendPieces(pieces: readonly string[], onSent: () => void): void {
    const { random, manner } = this.#options;
    this.#isSending = true;
    const text = pieces.join("");
    const stream = this.#stream!;
    const step = (from: number) => {
      if (stream !== this.#stream) return;
      const rest = text.length - from;
      const count = manner.isSlowSender ? Math.min(rest, random.magnitude(1, 2_000)) : rest;
      stream.write(Buffer.from(text.slice(from, from + count), "latin1"));
      if (count < rest) {
        this.#world.queue.after(random.between(1, 300), () => step(from + count));
        return;
      }
      this.#isSending = false;
      onSent();
    };
    step(0);
  }

  #awaitContinue(body: string): void {
    this.#isSending = true;
    const stream = this.#stream;
    this.#onContinue = () => {
      this.#onContinue = undefined;
      if (stream === this.#stream) this.#sendPieces([body], () => this.#goOn());
    };
    const go = this.#onContinue;
    this.#world.queue.after(continueMs, () => {
      if (this.#onContinue === go) go();
    });
  }

  #leaveLater(record: RequestRecord): void {
    const { random } = this.#options;
    const stream = this.#stream;
    this.#world.queue.after(random.magnitude(1, 1_500), () => {
      if (this.#stream !== stream || stream === undefined) return;
      if (!this.#unanswered.includes(record)) return;
      this.#world.note(`client leaves ${this.#unanswered.map(({ plan }) => plan.id).join(" ")}`);
      const left = this.#unanswered.splice(0);
      for (const one of left) {
        one.wasLostWithOthers = left.length > 1;
        if (one.plan.idempotencyKey === undefined) this.#end(one, "vanished");
        else this.#comeBack(one);
      }
      this.#close(random.chance(0.5));
      this.#think();
    });
  }

  /** Its key says that it is the same request, and that the router need not do it again. */
  #comeBack(record: RequestRecord): void {
    record.returnCount++;
    this.#world.hasReturns = true;
    record.hasAnswerBegun = false;
    this.#unsent.unshift(record);
  }

  #rest(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.pause();
    this.#world.queue.after(this.#options.random.magnitude(1, 400), () => stream.resume());
  }

  #makeReader(): MessageReader {
    return new MessageReader({
      onHead: (head) => this.#onHead(head),
      onBody: (text) => void (this.#answer!.body += text),
      onMessage: () => this.#onMessage(),
    });
  }

  #onHead(head: MessageHead): BodyLength | "another head" {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head.line)?.[1]);
    if (!(status >= 100)) throw new Error(`no status line: ${head.line}`);
    if (status === 100) {
      this.#onContinue?.();
      return "another head";
    }
    if (this.#unanswered.length === 1) this.#onContinue = undefined;
    this.#answer = { status, fields: head.fields, body: "" };
    if (head.fields.get("transfer-encoding") === "chunked") return "chunked";
    const length = head.fields.get("content-length");
    return length === undefined ? "close" : Number(length);
  }

  #onMessage(): void {
    const record = this.#unanswered.shift();
    const answer = this.#answer!;
    this.#answer = undefined;
    if (record === undefined) {
      return this.#world.violate("one answer a request", `status ${answer.status} for nobody`);
    }
    record.status = answer.status;
    this.#end(
      record,
      judgeAnswer(this.#world, record, { answer, end: "whole", companions: [record] }),
    );
    const isLast = answer.fields.get("connection") === "close" || record.isDawdling;
    if (isLast) this.#close();
    if (isLast) this.#sendAgain();
    this.#think();
  }

  #think(): void {
    const { random, manner } = this.#options;
    this.#isThinking = true;
    this.#isSending &&= this.#stream !== undefined;
    this.#world.queue.after(random.between(0, manner.thinkMsMax), () => {
      this.#isThinking = false;
      this.#goOn();
    });
  }

  /**
   * The connection ended amid an answer, or before it. A router may close one that was idle just when it is used again:
   * then clients try another.
   */
  #onBrokenOff(): void {
    const companions = this.#unanswered;
    const isStale = this.#restedMs > staleMs && this.#answer === undefined;
    if (isStale && !companions.some(({ wasSentOn }) => wasSentOn)) return;
    const answer = this.#answer;
    this.#answer = undefined;
    const [record, ...behind] = companions;
    for (const one of companions) one.wasLostWithOthers = behind.length > 0;
    this.#unanswered = [];
    record!.status = answer?.status ?? 0;
    const end = answer === undefined ? "none" : "cut";
    this.#end(record!, judgeAnswer(this.#world, record!, { answer, end, companions }));
    for (const other of behind) {
      if (!other.wasSentOn) this.#unanswered.push(other);
      else {
        const received = { answer: undefined, end: "none", companions } as const;
        this.#end(other, judgeAnswer(this.#world, other, received));
      }
    }
  }

  /** What was sent behind an answer that ended the connection was not looked at. */
  #sendAgain(): void {
    this.#isSending = false;
    const again = this.#unanswered.splice(0);
    for (const { wasSentOn, plan } of again) {
      if (wasSentOn) {
        this.#world.violate("one answer a request", "it was sent on and not answered", plan.id);
      }
    }
    this.#unsent.unshift(...again);
  }

  #end(record: RequestRecord, outcome: NonNullable<RequestRecord["outcome"]>): void {
    record.outcome = outcome;
    record.endedAtMs = this.#world.queue.nowMs;
    if (record.sentAtMs === -1) record.sentAtMs = record.endedAtMs;
    this.#world.note(`client has ${record.plan.id}: ${outcome} ${record.status}`);
  }

  #close(isReset = false): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isSending = false;
    this.#onContinue = undefined;
    if (stream === undefined) return;
    stream.user = nobody;
    if (isReset) stream.reset();
    else stream.destroy();
  }

  #finish(): void {
    this.#isFinished = true;
    this.#close();
    this.#options.onFinished();
  }
}

function headText(plan: RequestPlan): string {
  const lines = [
    `${plan.method} ${plan.path} HTTP/1.1`,
    "host: router",
    `x-request-id: ${plan.id}`,
    `x-sim-id: ${plan.id}`,
  ];
  if (plan.sessionKey !== undefined) lines.push(`x-session-id: ${plan.sessionKey}`);
  if (plan.idempotencyKey !== undefined) lines.push(`idempotency-key: ${plan.idempotencyKey}`);
  if (plan.closes) lines.push("connection: close");
  if (plan.method === "POST") {
    lines.push("content-type: application/json");
    if (plan.expectsContinue) lines.push("expect: 100-continue");
    const length = requestBody(plan).length;
    lines.push(plan.isChunked ? "transfer-encoding: chunked" : `content-length: ${length}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function framedBody(plan: RequestPlan, random: Random): string {
  const body = requestBody(plan);
  if (!plan.isChunked || body === "") return body;
  let text = "";
  for (let from = 0; from < body.length;) {
    const part = body.slice(from, from + random.magnitude(1, 3_000));
    text += `${part.length.toString(16)}\r\n${part}\r\n`;
    from += part.length;
  }
  return `${text}0\r\n\r\n`;
}
