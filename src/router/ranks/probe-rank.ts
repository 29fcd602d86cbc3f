import type { ByteStream, StreamEnd, StreamUser } from "../net/byte-stream.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import type { Network } from "../net/network.ts";
import type { RankAddress } from "./rank-address.ts";
import type { HealthSign } from "./rank-health.ts";

/** Asks a rank how it is; tells once unless it is cancelled before. */
export type Probe = (
  address: RankAddress,
  timeoutMs: number,
  onSign: (sign: HealthSign) => void,
) => Cancel;

/** A status line is short; a server that sends more without one is no rank. */
const answerBytesMax = 1_024;

/** A probe writes less, and nothing waits for it. */
const streamOptions = { bufferBytesMax: 16_384, keepAliveMs: 10_000 };

/** How the system says that no machine answered. */
const nobodyThere: ReadonlySet<string> = new Set([
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

/** Probes with `GET /health` on a connection of its own, which reads no further than the status. */
export function probeOver(network: Network, clock: Clock): Probe {
  return (address, timeoutMs, onSign) => {
    const stream = network.connect(address, streamOptions);
    const asking = new HealthQuestion(stream, address, onSign);
    stream.user = asking;
    asking.cancelTimer = clock.after(timeoutMs, () => asking.giveUp(timeoutMs));
    return () => asking.cancel();
  };
}

class HealthQuestion implements StreamUser {
  cancelTimer: Cancel = () => undefined;
  readonly #stream: ByteStream;
  readonly #authority: string;
  readonly #onSign: (sign: HealthSign) => void;
  #isConnected = false;
  #isOver = false;
  #answer = "";

  constructor(stream: ByteStream, { authority }: RankAddress, onSign: (sign: HealthSign) => void) {
    this.#stream = stream;
    this.#authority = authority;
    this.#onSign = onSign;
  }

  onConnect(): void {
    this.#isConnected = true;
    this.#stream.writeHead(
      `GET /health HTTP/1.1\r\nhost: ${this.#authority}\r\nconnection: close\r\n\r\n`,
    );
  }

  onData(chunk: Buffer): void {
    this.#answer += chunk.toString("latin1", 0, answerBytesMax);
    const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(this.#answer)?.[1];
    if (status?.startsWith("2") === true) this.#settle({ kind: "ready" });
    else if (status !== undefined) this.#fail(`its health check answered ${status}`);
    else if (this.#answer.length >= answerBytesMax) this.#fail("its health check answered no HTTP");
  }

  onDrain(): void {
    // Nothing more is to be written.
  }

  onEnd({ isOrderly, reason }: StreamEnd): void {
    if (isOrderly) this.#fail("its health check was cut off");
    else this.#fail(reason, nobodyThere.has(reason));
  }

  giveUp(timeoutMs: number): void {
    this.#fail(`no answer in ${timeoutMs} ms`, this.#answer === "");
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.cancelTimer();
    this.#stream.destroy();
  }

  #fail(reason: string, isSilent = false): void {
    const kind = this.#isConnected ? "failed" : "unreachable";
    this.#settle({ kind, reason, ...(isSilent && { isSilent }) });
  }

  #settle(sign: HealthSign): void {
    if (this.#isOver) return;
    this.cancel();
    this.#onSign(sign);
  }
}
