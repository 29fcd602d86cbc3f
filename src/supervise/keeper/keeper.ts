/**
 * The keeper of one supervisor: a process of its own session and without a parent, which no signal to the
 * supervisor's group or terminal reaches. It learns on its standard input what there is, and cleans up when that ends.
 * A supervisor that ends normally says before that there is nothing left.
 */
import { createInterface } from "node:readline";
import { listSharedMemory } from "../shared-memory/files.ts";
import { cleanUp } from "./clean-up.ts";
import { type KeeperState, nothingToKeep, readKeeperState } from "./keeper-state.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    // It ends when the supervisor does.
  });
const before = listSharedMemory();
let state: KeeperState = nothingToKeep;
for await (const line of createInterface({ input: process.stdin }))
  state = readKeeperState(line) ?? state;
await cleanUp(state, before);
