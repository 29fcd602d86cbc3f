import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectories } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import { pointLatest } from "../node/point-latest.ts";
import { ownAttempt, whoOwnsAttempt } from "./attempt-owner.ts";

const triesMax = 100;

/** Attempts whose logs are kept, the running ones and those of other machines not counted. */
export const attemptsKeptMax = 10;

/**
 * Makes `logs/attempt_N` below the output directory, N one above the highest there is, and points
 * `logs/latest` to it. Deployments that share an output directory each get a folder of their own. Of those that were
 * made on this machine and are used no more, the newest stay: {@linkcode attemptsKeptMax} with the new one.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_WRITABLE
 */
export async function makeAttemptDirectory(outputDirectory: string): Promise<string> {
  const logs = join(outputDirectory, "logs");
  try {
    await makeDirectories(logs);
    const name = await makeNext(logs);
    ownAttempt(join(logs, name));
    await pointLatest(logs, name);
    await removeOldest(logs);
    return join(logs, name);
  } catch (error) {
    const reason = (error as Error).message;
    throw new PenstockError(
      "OUTPUT_DIR_NOT_WRITABLE",
      { directory: logs, reason },
      { cause: error },
    );
  }
}

async function makeNext(logs: string): Promise<string> {
  for (let tries = 0; tries < triesMax; tries++) {
    const name = `attempt_${(await highestAttempt(logs)) + 1}`;
    if (await makeNew(join(logs, name))) return name;
  }
  throw new Error(`${triesMax} names were taken by others in the meantime`);
}

/** False when it is there already: a deployment that starts at the same moment was faster. */
async function makeNew(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function highestAttempt(logs: string): Promise<number> {
  return (await attemptNumbers(logs)).reduce((most, number) => Math.max(most, number), -1);
}

async function attemptNumbers(logs: string): Promise<readonly number[]> {
  const numbers = (await readdir(logs)).map((name) => /^attempt_(\d{1,9})$/.exec(name)?.[1]);
  return numbers.filter((number) => number !== undefined).map(Number);
}

async function removeOldest(logs: string): Promise<void> {
  const newestFirst = (await attemptNumbers(logs)).toSorted((one, other) => other - one);
  const unused = newestFirst
    .map((number) => join(logs, `attempt_${number}`))
    .filter((directory) => whoOwnsAttempt(directory) === "nobody");
  for (const directory of unused.slice(attemptsKeptMax - 1)) await removeQuietly(directory);
}

/** Another deployment that starts now may be removing the same. */
async function removeQuietly(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch {
    // Old logs that stay hurt nobody; the next start tries again.
  }
}
