import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../errors/mod.ts";
import type { HubLimits } from "./limits.ts";

/** What may be better at the next try: a cut connection, a silent or an overloaded server. */
export class TransientFailure extends Error {}

/** The wait before the try that follows so many failures. */
export async function waitToRetry(failures: number, limits: HubLimits): Promise<void> {
  await sleep(Math.min(limits.retryWaitMs * 2 ** (failures - 1), limits.retryWaitMsMax));
}

/** Whatever breaks in an action on the network is worth another try, unless the action itself has judged it. */
export async function failingSoftly<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof PenstockError || error instanceof TransientFailure) throw error;
    throw new TransientFailure(reasonOf(error), { cause: error });
  }
}

/** What a failed `fetch` was about, in a line: Node puts it into the cause of an error that says nothing. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || (cause as NodeJS.ErrnoException).code || error.message;
}
