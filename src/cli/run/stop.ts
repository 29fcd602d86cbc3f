import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import type { DeploymentSource, SourceStatus } from "../../launch/mod.ts";
import type { StopFlags } from "../commands/stop.ts";
import type { CliContext } from "../context.ts";
import { openNamedSource } from "./running/open-named-source.ts";

/** Stopping takes seconds on one machine; a scheduler may take its time. */
const stopMsMax = 180_000;

/** Stops a deployment and waits until it is gone. */
export async function runStop(this: CliContext, flags: StopFlags, job?: string): Promise<void> {
  const { deployment, now } = flags;
  const source = await openNamedSource({ deployment, job });
  this.process.stderr.write(`Stopping ${source.name}\n`);
  await stopAndWait(source, { now, timeoutMs: stopMsMax });
  this.process.stdout.write(`Stopped ${source.name}\n`);
}

/**
 * Watches before it asks, so that the end is not missed.
 *
 * @throws PenstockError DEPLOYMENT_NOT_STOPPED
 */
export async function stopAndWait(
  source: DeploymentSource,
  { now, timeoutMs }: { readonly now: boolean; readonly timeoutMs: number },
): Promise<void> {
  const limit = AbortSignal.timeout(timeoutMs);
  let last: SourceStatus | undefined;
  for await (const status of source.watch(limit)) {
    if (last === undefined) await askToStop(source, now);
    last = status;
  }
  if (!limit.aborted) return;
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
