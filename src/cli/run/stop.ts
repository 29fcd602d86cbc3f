import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import type { DeploymentSource, SourceStatus } from "../../launch/mod.ts";
import type { StopFlags } from "../commands/stop.ts";
import type { CliContext } from "../context.ts";
import { openNamedSource } from "./running/open-named-source.ts";

/** Stopping takes seconds on one machine; a scheduler may take its time. */
const stopMsMax = 180_000;

/** Stops a deployment and waits until it is gone; says so where there is nothing to stop. */
export async function runStop(this: CliContext, flags: StopFlags, job?: string): Promise<void> {
  const { deployment, now } = flags;
  const source = await openNamedSource({ deployment, job });
  const onStopping = (): unknown => this.process.stderr.write(`Stopping ${source.name}\n`);
  const isStopped = await stopAndWait(source, { now, timeoutMs: stopMsMax, onStopping });
  const text = isStopped
    ? `Stopped ${source.name}`
    : `Nothing to stop: ${source.name} has ended already`;
  this.process.stdout.write(`${text}\n`);
}

interface StopWish {
  readonly now: boolean;
  readonly timeoutMs: number;
  /** Hears that there is something to stop. */
  readonly onStopping: () => void;
}

/**
 * Watches before it asks, so that the end is not missed; false where it had ended before.
 *
 * @throws PenstockError DEPLOYMENT_NOT_STOPPED
 */
export async function stopAndWait(
  source: DeploymentSource,
  { now, timeoutMs, onStopping }: StopWish,
): Promise<boolean> {
  const limit = AbortSignal.timeout(timeoutMs);
  let last: SourceStatus | undefined;
  let isStopped = false;
  for await (const status of source.watch(limit)) {
    if (last === undefined && !status.isOver) {
      isStopped = true;
      onStopping();
      await askToStop(source, now);
    }
    last = status;
  }
  if (!limit.aborted) return isStopped;
  const pids = (last?.parts ?? []).map(({ pid }) => pid).join(" ");
  throw new PenstockError("DEPLOYMENT_NOT_STOPPED", { name: source.name, pid: pids, timeoutMs });
}

async function askToStop(source: DeploymentSource, now: boolean): Promise<void> {
  try {
    await source.stop({ now });
  } catch (error) {
    // It has ended by itself in this moment, which is what was wanted.
    if (!isPenstockError(error) || error.code !== "DEPLOYMENT_GONE") throw error;
  }
}
