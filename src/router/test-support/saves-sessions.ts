/**
 * A process that places, finishes and saves sessions until it is killed: `saves-sessions.ts DIRECTORY PREFIX`. It says how
 * many steps are saved for sure. Session n is at slot n mod 7; every third one is finished 50 steps later.
 */
import { createLogger } from "../../telemetry/mod.ts";
import { systemClock } from "../net/clock.ts";
import { SessionStore } from "../sessions/session-store.ts";
import { rankCount, ranks, savedTable } from "./session-files.ts";

const [directory, prefix] = process.argv.slice(2);
const table = savedTable(50_000);
const store = await SessionStore.open({
  directory: directory!,
  tables: new Map([["both", table]]),
  ranks,
  clock: { ...systemClock, nowMs: () => 0 },
  wallMs: () => 1e12,
  logger: createLogger({ name: "router", format: "json" }),
  intervalMs: 1,
  logBytesMax: 20_000,
  retryMs: 0,
});
for (let step = 0; ; step++) {
  table.place(`${prefix}${step}`, step % rankCount, 0);
  const finished = step - 50;
  if (finished >= 0 && finished % 3 === 0) table.finish(`${prefix}${finished}`);
  if (step % 20 === 0) await new Promise(setImmediate);
  if (step % 100 !== 99) continue;
  await store.save();
  if (store.isSaving) process.stdout.write(`${step + 1}\n`);
}
