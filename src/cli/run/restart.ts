import type { RunningFlags } from "../commands/running-flags.ts";
import type { CliContext } from "../context.ts";
import { createProgressView } from "../screen/progress-view.ts";
import { openNamedSource } from "./running/open-named-source.ts";
import { restartAndWait } from "./running/restart-and-wait.ts";

/** A large model loads for many minutes; the supervisor's own limit is reached before. */
const readyMsMax = 7_200_000;

/** Restarts one process and waits until it is ready again. */
export async function runRestart(
  this: CliContext,
  flags: RunningFlags,
  name: string,
): Promise<void> {
  const source = await openNamedSource({ deployment: flags.deployment });
  const progress = createProgressView(process.stderr);
  const id = await restartAndWait(source, {
    name,
    timeoutMs: readyMsMax,
    onChange: (view) => progress.update({ phase: "starting", processes: [view] }),
  });
  this.process.stdout.write(`Restarted "${id}" of ${source.name}: it is ready\n`);
}
