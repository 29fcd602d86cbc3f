/**
 * Loaded before a program (`NODE_OPTIONS=--import=…`): holds the processes back whose command line has the words of
 * WAIT_IN, until the file WAIT_FOR is there.
 */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const { WAIT_IN, WAIT_FOR } = process.env;
const waitMsMax = 60_000;
if (WAIT_IN !== undefined && WAIT_FOR !== undefined && process.argv.join(" ").includes(WAIT_IN))
  for (let waitedMs = 0; waitedMs < waitMsMax && !existsSync(WAIT_FOR); waitedMs += 20)
    await sleep(20);
