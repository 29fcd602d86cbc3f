import type { RestartFlags } from "../commands/restart.ts";
import type { CliContext } from "../context.ts";
import { createProgressView } from "../screen/progress-view.ts";
import { findProcess } from "./running/find-process.ts";
import { openNamedSource } from "./running/open-named-source.ts";
import { restartAndWait } from "./running/restart-and-wait.ts";

/** A large model loads for many minutes; the supervisor's own limit is reached before. */
const readyMsMax = 7_200_000;

/** Restarts one process and waits until it is ready again, unless it is told not to. */
export async function runRestart(
  this: CliContext,
  flags: RestartFlags,
  name: string,
): Promise<void> {
  const source = await openNamedSource({ deployment: flags.deployment });
  if (flags.noWait) {
    const { parts } = await source.status();
    const id = findProcess(
      name,
      parts.flatMap(({ view }) => view.processes.map((process) => process.id)),
    );
    await source.restart(id);
    this.process.stdout.write(`Restarting "${id}" of ${source.name}\n`);
    return;
  }
  const progress = createProgressView(process.stderr);
  const id = await restartAndWait(source, {
    name,
    timeoutMs: readyMsMax,
    onChange: (view) => progress.update({ phase: "starting", processes: [view] }),
  });
  this.process.stdout.write(`Restarted "${id}" of ${source.name}: it is ready\n`);
}
