import { Counter, type Logger } from "../../telemetry/mod.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import { accessLine } from "./access-line.ts";
import type { AccessRecord } from "./access-record.ts";
import { LogFile } from "./log-file.ts";
import { type LogSink, standardOutput } from "./log-sink.ts";

export interface AccessLogLimits {
  readonly fileBytesMax: number;
  /** Older files that are kept beside the one that is written. */
  readonly oldFilesMax: number;
  /** Requests that are over and not yet a line. */
  readonly recordsMax: number;
  /** Lines that wait to be written. */
  readonly waitingBytesMax: number;
  /** Lines are written at this interval, or sooner when there are many. */
  readonly intervalMs: number;
  /** How long close() waits for the last lines. */
  readonly closeMsMax: number;
}

export const defaultAccessLogLimits: AccessLogLimits = Object.freeze({
  fileBytesMax: 104_857_600,
  oldFilesMax: 3,
  recordsMax: 4_096,
  waitingBytesMax: 4_194_304,
  intervalMs: 200,
  closeMsMax: 2_000,
});

export interface AccessLogOptions {
  readonly clock: Clock;
  /** Milliseconds since the epoch at the clock's 0. */
  readonly epochMs: () => number;
  readonly logger: Logger;
  readonly limits?: Partial<AccessLogLimits>;
  /** Whether it moves full files away; of several threads that write one file, one does. Default true. */
  readonly rotates?: boolean;
}

/** About 64 KB of lines. */
const batchRecordCount = 512;

/**
 * A JSON line for each request, off the requests' way: a record that is noted becomes a line later and is written later
 * still, one write at a time. Requests never wait for it; what does not fit is dropped, counted, and told once.
 */
export class AccessLog {
  /** Lines that are lost. */
  readonly drops = new Counter();
  readonly #sink: LogSink;
  readonly #options: AccessLogOptions;
  readonly #limits: AccessLogLimits;
  readonly #cancel: Cancel;
  #records: AccessRecord[] = [];
  #isGathering = false;
  /** Lines that wait, in order. */
  #waiting: Batch[] = [];
  #waitingByteCount = 0;
  #writing: Promise<void> | undefined;
  /** Lines lost since the log was last whole. */
  #lostCount = 0;
  /** A write that failed may have left half a line behind. */
  #endsInLine = false;
  #isClosed = false;
  /** The time to write the last lines has passed. */
  #givesUp = false;

  constructor(sink: LogSink, options: AccessLogOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#limits = { ...defaultAccessLogLimits, ...options.limits };
    this.#cancel = options.clock.every(this.#limits.intervalMs, () => this.#gather());
  }

  /**
   * "-" is standard output.
   * @throws PenstockError ROUTER_ACCESS_LOG_UNUSABLE
   */
  static async open(path: string, options: AccessLogOptions): Promise<AccessLog> {
    if (path === "-") return new AccessLog(standardOutput, options);
    const { fileBytesMax, oldFilesMax } = { ...defaultAccessLogLimits, ...options.limits };
    const { rotates = true } = options;
    return new AccessLog(await LogFile.open(path, { fileBytesMax, oldFilesMax, rotates }), options);
  }

  /** The record must not change any more. */
  note(record: AccessRecord): void {
    if (this.#records.length >= this.#limits.recordsMax || this.#isClosed) {
      return this.#lose(1, "too many requests at once");
    }
    this.#records.push(record);
    if (this.#records.length < batchRecordCount || this.#isGathering) return;
    this.#isGathering = true;
    this.#options.clock.after(0, () => this.#gather());
  }

  /** Writes what is left, for at most its time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#cancel();
    this.#gather();
    this.#isClosed = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(this.#limits.closeMsMax, resolve);
    await Promise.race([promise, this.#writing]);
    this.#givesUp = true;
    await Promise.race([promise, this.#sink.close().catch(ignore)]);
    cancel();
  }

  #gather(): void {
    this.#isGathering = false;
    const records = this.#records;
    if (records.length > 0) {
      this.#records = [];
      this.#queue(records);
    }
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
  }

  #queue(records: readonly AccessRecord[]): void {
    const epochMs = this.#options.epochMs();
    const bytes = Buffer.from(records.map((record) => accessLine(record, epochMs)).join(""));
    if (this.#waitingByteCount + bytes.length > this.#limits.waitingBytesMax) {
      return this.#lose(records.length, "it is written too slowly");
    }
    this.#waiting.push({ bytes, lineCount: records.length });
    this.#waitingByteCount += bytes.length;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.shift()!;
      await this.#writeBatch(batch);
      this.#waitingByteCount -= batch.bytes.length;
    }
    this.#writing = undefined;
  }

  async #writeBatch({ bytes, lineCount }: Batch): Promise<void> {
    let rest = this.#endsInLine ? Buffer.concat([lineFeed, bytes]) : bytes;
    try {
      while (rest.length > 0) {
        const count = await this.#sink.write(rest);
        if (count === 0) await this.#pause();
        else this.#endsInLine = rest[count - 1] !== lineFeed[0];
        rest = rest.subarray(count);
      }
      this.#tellRecovery();
    } catch (error) {
      const lostCount = Math.min(lineCount, countLines(rest));
      this.#lose(lostCount, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  }

  /** Until the other side may have read something. */
  async #pause(): Promise<void> {
    if (this.#givesUp) throw new Error("nobody reads it");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.clock.after(this.#limits.intervalMs, resolve);
    await promise;
  }

  #lose(count: number, reason: string): void {
    if (count === 0) return;
    this.drops.add(count);
    if (this.#lostCount === 0) {
      this.#options.logger.error("Lines of the access log are lost", { reason });
    }
    this.#lostCount += count;
  }

  /** A log that lost lines and is behind no more is whole again. */
  #tellRecovery(): void {
    if (this.#lostCount === 0 || this.#waiting.length > 0) return;
    this.#options.logger.warning("The access log is written again", { lost: this.#lostCount });
    this.#lostCount = 0;
  }
}

interface Batch {
  readonly bytes: Buffer;
  readonly lineCount: number;
}

const lineFeed = Buffer.from("\n");

function countLines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === lineFeed[0]) count++;
  return count;
}

/** A file that cannot be closed has lost what a failed write would have told. */
function ignore(): void {}
