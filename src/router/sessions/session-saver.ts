import { rename } from "node:fs/promises";
import { SessionBatch } from "../choose/session-batch.ts";
import type { SessionTable } from "../choose/session-table.ts";
import type { Logger } from "../../telemetry/mod.ts";
import type { Clock } from "../net/clock.ts";
import type { RankNames } from "./rank-names.ts";
import { readSaved, SavedFile } from "./saved-file.ts";
import {
  encodeFrame,
  fileHeader,
  frameRecordsMax,
  replay,
  type SavedSession,
} from "./session-record.ts";

export interface SessionSaverOptions {
  /** The file; one more beside it has ".new" behind its name while it is written. */
  readonly path: string;
  readonly sessions: SessionTable;
  readonly ranks: RankNames;
  /** The clock of the table. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly logger: Logger;
  readonly logBytesMax: number;
  /** From a failure to the next try. */
  readonly retryMs: number;
}

/**
 * One table of sessions in one file: a snapshot, and behind it a log of all changes since. A new snapshot is written
 * beside the file where the log has become long, where changes were lost, and when writing works again after it failed;
 * meanwhile changes go to both. A snapshot that fails leaves the file and its log as they are.
 *
 * What cannot be written costs no request anything: the table is the truth, and the next snapshot has it all.
 */
export class SessionSaver {
  readonly #options: SessionSaverOptions;
  readonly #batch = new SessionBatch(frameRecordsMax);
  /** Where changes go; undefined while writing fails. */
  #file: SavedFile | undefined;
  #snapshotBytes = 0;
  /** Frames for the end of the snapshot that is being written. */
  #since: Buffer[] | undefined;
  #sinceBytes = 0;
  /** Changes that the table had no room for, and those of them that the file's snapshot makes up for. */
  #lostCount = 0;
  #madeUpCount = 0;
  #droppedCount = 0;
  #hasFailed = false;
  #retryAtMs = -Infinity;
  /** Ends when nobody writes to the file. */
  #turn: Promise<void> = Promise.resolve();
  #snapshotting: Promise<void> | undefined;

  constructor(options: SessionSaverOptions) {
    this.#options = options;
  }

  /**
   * Puts the sessions of the file into the table, which must be empty, and begins the file anew.
   * @throws a system error when the file cannot be read.
   */
  async load(): Promise<void> {
    const { path, sessions } = this.#options;
    const bytes = await readSaved(path, fileBytesMax(this.#options));
    const { sessions: saved, wholeBytes } = replay(bytes ?? Buffer.alloc(0));
    if (bytes === undefined || (bytes.length > 0 && wholeBytes === 0)) await this.#setAside();
    else if (wholeBytes < bytes.length) this.#tellCut(bytes.length - wholeBytes, saved.size);
    this.#restore([...saved.values()]);
    await this.snapshot();
    if (sessions.size === 0) return;
    this.#options.logger.info("Placed sessions as before", { sessionCount: sessions.size });
  }

  /** Changes that were not written where they belong; a snapshot makes up for them. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Whether the file has all that was there at the last {@linkcode SessionSaver.save}. */
  get isSaving(): boolean {
    return this.#file !== undefined && this.#lostCount === this.#madeUpCount;
  }

  /** Writes what has changed; begins a snapshot where one is needed, which goes on in the background. */
  async save(): Promise<void> {
    await this.#inTurn(() => this.#append());
    if (this.#needsSnapshot) void this.snapshot();
  }

  /** Writes all sessions beside the file and lets it take the file's place. Never fails: it is tried again later. */
  async snapshot(): Promise<void> {
    const write = () => this.#writeSnapshot().finally(() => (this.#snapshotting = undefined));
    await (this.#snapshotting ??= write());
  }

  /** Writes what is left and ends. */
  async close(): Promise<void> {
    await this.#snapshotting;
    await this.save();
    await this.#snapshotting;
    if (!this.isSaving) await this.snapshot();
    await this.#file?.close();
    this.#file = undefined;
  }

  get #needsSnapshot(): boolean {
    if (this.#options.clock.nowMs() < this.#retryAtMs) return false;
    if (this.#file === undefined || !this.isSaving) return true;
    return this.#file.byteCount - this.#snapshotBytes > this.#options.logBytesMax;
  }

  async #append(): Promise<void> {
    for (let count = 0; count < framesPerCallMax; count++) {
      const lostCount = this.#options.sessions.takeChanges(this.#batch);
      this.#lostCount += lostCount;
      this.#droppedCount += lostCount;
      const { count: changeCount } = this.#batch;
      if (changeCount === 0) return;
      if (this.#file === undefined) this.#droppedCount += changeCount;
      const frame = this.#encode();
      this.#noteForSnapshot(frame);
      try {
        await this.#file?.append(frame);
      } catch (error) {
        this.#droppedCount += changeCount;
        await this.#dropFile();
        this.#onFailure(error);
      }
    }
  }

  async #writeSnapshot(): Promise<void> {
    this.#since = [];
    this.#sinceBytes = 0;
    const lostCount = this.#lostCount;
    let file: SavedFile | undefined;
    try {
      file = await SavedFile.create(this.#options.path, fileBytesMax(this.#options));
      await this.#writeSessions(file);
      await this.#catchUp(file);
      await this.#switchTo(file);
    } catch (error) {
      await file?.abandon();
      this.#onFailure(error);
      return;
    } finally {
      this.#since = undefined;
    }
    this.#madeUpCount = lostCount;
    if (this.#hasFailed) this.#options.logger.info("Sessions are saved again");
    this.#hasFailed = false;
  }

  async #writeSessions(file: SavedFile): Promise<void> {
    await file.append(fileHeader);
    for (let from = 0; ;) {
      from = this.#options.sessions.readSome(this.#batch, from);
      if (this.#batch.count > 0) await file.append(this.#encode());
      if (from === 0) return;
    }
  }

  /**
   * Writes what came since, then what came meanwhile, so that little is left for the turn: writing may take long, and what
   * comes until then is saved in the old file.
   */
  async #catchUp(file: SavedFile): Promise<void> {
    for (let round = 0; round < catchUpRoundsMax; round++) {
      const isLittle = this.#sinceBytes <= catchUpBytes;
      await this.#writeSince(file);
      await file.sync();
      if (isLittle) return;
    }
  }

  async #writeSince(file: SavedFile): Promise<void> {
    const frames = this.#since ?? [];
    if (this.#sinceBytes > this.#options.logBytesMax) throw new Error("too much has changed");
    this.#since = [];
    this.#sinceBytes = 0;
    for (const frame of frames) await file.append(frame);
  }

  async #switchTo(file: SavedFile): Promise<void> {
    await this.#inTurn(async () => {
      await this.#writeSince(file);
      await file.sync();
      // Where publishing fails, nobody knows which of the two has the name.
      await this.#dropFile();
      await file.publish();
      this.#file = file;
      this.#snapshotBytes = file.byteCount;
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {
      // Whose turn it was hears of it.
    });
    return turn;
  }

  #noteForSnapshot(frame: Buffer): void {
    if (this.#since === undefined) return;
    this.#sinceBytes += frame.length;
    if (this.#sinceBytes <= this.#options.logBytesMax) this.#since.push(frame);
  }

  #encode(): Buffer {
    return encodeFrame(this.#batch, this.#options.ranks, this.#behindMs);
  }

  /** Of the table's clock, behind the wall's. */
  get #behindMs(): number {
    return this.#options.wallMs() - this.#options.clock.nowMs();
  }

  /** It may end in half a frame, or be another one's by name: it gets nothing more, and the next snapshot replaces it. */
  async #dropFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {
      // What it has is what a kill would have left.
    });
  }

  /** Tells it once, until writing works again. */
  #onFailure(cause: unknown): void {
    const { clock, retryMs, logger, path } = this.#options;
    this.#retryAtMs = clock.nowMs() + retryMs;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const reason = reasonOf(cause);
    logger.error("Saving sessions failed; they go on, and it is tried again", { path, reason });
  }

  async #setAside(): Promise<void> {
    const { path, logger } = this.#options;
    const aside = `${path}.unknown`;
    await rename(path, aside);
    const reason = "it is no file of sessions of this version";
    logger.warning("Cannot read the saved sessions: none is placed", { path, reason, kept: aside });
  }

  #tellCut(cutBytes: number, sessionCount: number): void {
    const { path, logger } = this.#options;
    logger.warning("The file of sessions ends in the middle: what follows is cut", {
      path,
      cutBytes,
      sessionCount,
    });
  }

  /** Oldest first; those of ranks that are gone, or that were not used for too long, are left out. */
  #restore(saved: SavedSession[]): void {
    const { sessions, ranks, clock } = this.#options;
    const behindMs = this.#behindMs;
    const nowMs = clock.nowMs();
    saved.sort((a, b) => a.usedMs - b.usedMs);
    const flush = () => {
      sessions.restore(this.#batch);
      this.#batch.count = 0;
    };
    const slots = new Map<number, number>();
    const id = new BigInt64Array(1);
    const words = new Int32Array(id.buffer);
    for (const session of saved) {
      const slot = slots.get(session.rank) ?? ranks.slotOf(session.rank);
      slots.set(session.rank, slot);
      const usedMs = Math.min(nowMs, session.usedMs - behindMs);
      const isOver = slot === -1 || !(nowMs - usedMs <= sessions.sessionIdleMsMax);
      if (isOver) continue;
      if (this.#batch.count === this.#batch.capacity) flush();
      const at = this.#batch.count++;
      id[0] = session.id;
      this.#batch.ids.set(words, 2 * at);
      this.#batch.slots[at] = slot;
      this.#batch.usedMs[at] = usedMs;
    }
    flush();
  }
}

/** Changes of one call; more wait for the next one. */
const framesPerCallMax = 16;

/** How often what came since is written, each time what came in the last, before nothing else may be written. */
const catchUpRoundsMax = 4;
/** Not worth another round. */
const catchUpBytes = 65_536;

/** No file of ours is longer: a snapshot, the log that makes a new one due, and what comes until it is written. */
function fileBytesMax({ sessions, logBytesMax }: SessionSaverOptions): number {
  return 64 * sessions.sessionsMax + 4 * logBytesMax;
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}
