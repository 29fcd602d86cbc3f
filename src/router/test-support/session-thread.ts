/** A thread that shares a session table: settles sessions where it likes, and says where they were each time. */
import { parentPort, workerData } from "node:worker_threads";
import { seededRandom } from "../choose/seeded-random.ts";
import { SessionTable, type SessionTableOptions } from "../choose/session-table.ts";

export interface SessionThreadOptions {
  readonly table: SessionTableOptions;
  readonly seed: number;
  readonly stepCount: number;
  readonly keyCount: number;
  /** Finishes sessions and moves time too. */
  readonly isUnruly: boolean;
  /** Two words: to begin together, and one that only holders of the lock touch. */
  readonly meeting: SharedArrayBuffer;
  readonly threadCount: number;
}

export interface SessionThreadReport {
  /** By key, the slots where its session was. */
  readonly slots: readonly (readonly number[])[];
  readonly placedCount: number;
}

function run(options: SessionThreadOptions): SessionThreadReport {
  const table = new SessionTable(options.table);
  const random = seededRandom(options.seed);
  const meeting = new Int32Array(options.meeting);
  const slots = Array.from({ length: options.keyCount }, () => new Set<number>());
  const { rankCount } = options.table;
  let placedCount = 0;
  const pick = (home: number) => {
    meeting[1]! += 1;
    placedCount++;
    if (home === -1) for (let count = 0; count < 500; count++) random(); // As long as among many ranks.
    return home === -1 ? random() % rankCount : home;
  };
  Atomics.add(meeting, 0, 1);
  Atomics.notify(meeting, 0);
  for (;;) {
    const count = Atomics.load(meeting, 0);
    if (count === options.threadCount) break;
    Atomics.wait(meeting, 0, count, 1_000);
  }
  for (let step = 0; step < options.stepCount; step++) {
    const key = random() % options.keyCount;
    const nowMs = options.isUnruly ? step : 0;
    if (options.isUnruly && random() % 4 === 0) table.finish(String(key));
    else slots[key]!.add(table.settle(String(key), nowMs, pick));
  }
  return { slots: slots.map((set) => [...set]), placedCount };
}

if (parentPort !== null) parentPort.postMessage(run(workerData as SessionThreadOptions));
