import type { StreamUser } from "../../src/router/net/byte-stream.ts";
import { Job } from "./job.ts";
import { type BodyLength, type MessageHead, MessageReader } from "./message-reader.ts";
import type { RouterLeg } from "./router-leg.ts";
import type { VirtualRank } from "./virtual-rank.ts";
import type { VirtualStream } from "./virtual-stream.ts";

export interface ReceivedRequest {
  readonly head: MessageHead;
  readonly body: string;
}

/** A rank's end of one connection: reads requests and has each worked on. */
export class ServedConnection implements StreamUser {
  readonly rank: VirtualRank;
  readonly stream: VirtualStream;
  readonly leg: RouterLeg;
  readonly #reader: MessageReader;
  #head: MessageHead | undefined;
  #body = "";
  #job: Job | undefined;
  #requestCount = 0;
  #writtenByteCount = 0;

  constructor(rank: VirtualRank, stream: VirtualStream, leg: RouterLeg) {
    this.rank = rank;
    this.stream = stream;
    this.leg = leg;
    stream.user = this;
    this.#reader = new MessageReader({
      onHead: (head) => this.#onHead(head),
      onBody: (text) => void (this.#body += text),
      onMessage: () => this.#onMessage(),
    });
    this.#closeWhenIdle();
  }

  onConnect(): void {
    // It is connected from the beginning.
  }

  onData(chunk: Buffer): void {
    try {
      this.#reader.read(chunk);
    } catch (error) {
      this.#violate(`rank ${this.rank.index} cannot read it: ${(error as Error).message}`);
      this.reset();
    }
  }

  onDrain(): void {
    this.#job?.writeOn();
  }

  onEnd(): void {
    this.#job?.cancel();
    this.#job = undefined;
    this.rank.drop(this);
  }

  write(text: string): boolean {
    const bytes = Buffer.from(text, "latin1");
    this.#writtenByteCount += bytes.length;
    return this.stream.write(bytes);
  }

  /** The answer is written to its end. */
  finish(closes: boolean): void {
    this.#job = undefined;
    if (closes) return this.close();
    this.leg.endAnswerAt(this.#writtenByteCount);
    this.#closeWhenIdle();
  }

  close(): void {
    this.rank.drop(this);
    this.stream.end(() => this.stream.destroy());
  }

  reset(): void {
    this.rank.drop(this);
    this.stream.reset();
  }

  /** The process is gone: its kernel closes its sockets. */
  crash(): void {
    this.#job?.fail("crash");
    this.#job = undefined;
    this.stream.reset();
  }

  #onHead(head: MessageHead): BodyLength {
    if (this.#job !== undefined) this.#violate("a request comes before the answer to the last");
    this.#head = head;
    this.#body = "";
    this.#requestCount++;
    if (head.fields.has("expect")) this.#violate("the expectation is the router's to meet");
    if (head.fields.get("transfer-encoding") === "chunked") return "chunked";
    return Number(head.fields.get("content-length") ?? 0);
  }

  #onMessage(): void {
    const head = this.#head!;
    if (head.line.startsWith("GET /health ")) return this.#answerHealthCheck();
    this.#job = new Job(this, { head, body: this.#body });
    this.#job.start();
  }

  #answerHealthCheck(): void {
    const { rank } = this;
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    const texts = {
      well: answer,
      late: answer,
      twice: answer + answer,
      badly: "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
      never: "",
      nonsense: "220 mail ready\r\n\r\n",
    };
    const text = texts[rank.health];
    const delayMs = rank.health === "late" ? rank.options.random.between(100, 3_000) : 1;
    rank.after(delayMs, () => {
      if (this.stream.isOver || text === "") return;
      this.write(text);
      this.close();
    });
  }

  #closeWhenIdle(): void {
    const requestCount = this.#requestCount;
    this.rank.after(this.rank.options.keepAliveMs, () => {
      if (this.#requestCount === requestCount && !this.stream.isOver) this.close();
    });
  }

  #violate(detail: string): void {
    this.rank.world.violate("ranks get whole requests", detail, this.#head?.fields.get("x-sim-id"));
  }
}
