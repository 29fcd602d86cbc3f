import { join } from "node:path";
import { makeDirectories } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import type { Logger } from "../../telemetry/mod.ts";
import type { SessionTable } from "../choose/session-table.ts";
import type { Cancel, Clock } from "../net/clock.ts";
import { DirectoryInUse, DirectoryLock, renewMs } from "./directory-lock.ts";
import type { RankNames } from "./rank-names.ts";
import { SessionSaver } from "./session-saver.ts";

export interface SessionStoreOptions {
  /** Made when it is missing. One router at a time may use it. */
  readonly directory: string;
  /** By the name of their file. The tables keep changes (changesMax) and are still empty. */
  readonly tables: ReadonlyMap<string, SessionTable>;
  readonly ranks: RankNames;
  /** The clock of the tables. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly logger: Logger;
  /** Between two writes: what is lost when the router is killed. Default 100. */
  readonly intervalMs?: number;
  /** Changes in a file, in bytes, after which it is written anew. Default 8 MiB. */
  readonly logBytesMax?: number;
  /** From a failure to write to the next try. Default 5,000. */
  readonly retryMs?: number;
}

/**
 * Makes sessions outlive the router: what changes in the tables is written to a directory a few times a second, off the
 * path of requests, and read again by the next router. A kill loses the changes of the last interval, nothing else.
 * While the disk is full or fails, sessions go on in memory and are saved once it works again.
 */
export class SessionStore {
  readonly #savers: readonly SessionSaver[];
  readonly #lock: DirectoryLock;
  readonly #cancels: readonly Cancel[];
  #saving: Promise<void> | undefined;

  private constructor(
    lock: DirectoryLock,
    savers: readonly SessionSaver[],
    { clock, intervalMs = 100 }: SessionStoreOptions,
  ) {
    this.#lock = lock;
    this.#savers = savers;
    this.#cancels = [
      clock.every(intervalMs, () => void (this.#saving ??= this.#saveOnce())),
      clock.every(renewMs, () => void lock.renew()),
    ];
  }

  /**
   * Fills the tables with what the last router knew, and saves what changes from then on.
   * @throws PenstockError ROUTER_SESSIONS_UNUSABLE
   */
  static async open(options: SessionStoreOptions): Promise<SessionStore> {
    const { directory } = options;
    const lock = await takeDirectory(directory);
    const savers = [...options.tables].map(
      ([name, sessions]) => new SessionSaver(saverOptions(options, name, sessions)),
    );
    try {
      for (const saver of savers) await saver.load();
    } catch (error) {
      await lock.release().catch(ignore);
      throw unusable(directory, error);
    }
    return new SessionStore(lock, savers, options);
  }

  /** Writes what has changed so far. Before a slot gets another rank, so that its sessions are not taken for that one's. */
  async save(): Promise<void> {
    await Promise.all(this.#savers.map((saver) => saver.save()));
  }

  /** Changes that no file had when they should have been there: too many at once, or a disk that was full. */
  get droppedCount(): number {
    return this.#savers.reduce((sum, saver) => sum + saver.droppedCount, 0);
  }

  /** Whether all that was there at the last {@linkcode SessionStore.save} is saved. */
  get isSaving(): boolean {
    return this.#savers.every((saver) => saver.isSaving);
  }

  /** Saves the last changes and lets go of the directory. Call it once. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    await this.#saving;
    await Promise.all(this.#savers.map((saver) => saver.close()));
    await this.#lock.release().catch(ignore);
  }

  async #saveOnce(): Promise<void> {
    try {
      await this.save();
    } finally {
      this.#saving = undefined;
    }
  }
}

function saverOptions(options: SessionStoreOptions, name: string, sessions: SessionTable) {
  const { directory, ranks, clock, wallMs, logger } = options;
  const { logBytesMax = 8_388_608, retryMs = 5_000 } = options;
  const path = join(directory, name);
  return { path, sessions, ranks, clock, wallMs, logger, logBytesMax, retryMs };
}

async function takeDirectory(directory: string): Promise<DirectoryLock> {
  try {
    await makeDirectories(directory, 0o700);
    return await DirectoryLock.take(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, cause: unknown): PenstockError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason =
    cause instanceof DirectoryInUse
      ? `${message} uses it`
      : `opening it failed with ${code ?? message}`;
  return new PenstockError("ROUTER_SESSIONS_UNUSABLE", { directory, reason }, { cause });
}

/** A lock that stays is one of a process that is gone, which the next router sees. */
function ignore(): void {}
