import { type Deployment, launchLocally, type LaunchRequest } from "../../launch/mod.ts";
import { createProgressView } from "../screen/progress-view.ts";
import { readyScreen } from "../screen/ready-screen.ts";
import { onStopSignals } from "./stop-signals.ts";

/**
 * Carries out a Plan on this machine, shows how it comes up and minds it until it is told to stop.
 *
 * @throws PenstockError what it cannot start for, or the cause of an end that nobody asked for.
 */
export async function serveLocally(request: Omit<LaunchRequest, "onChange">): Promise<void> {
  const stopMinding = mindBrokenOutput();
  const ready = Promise.withResolvers<"ready">();
  const progress = createProgressView(process.stderr);
  const launching = launchLocally({
    ...request,
    onChange: (view) => {
      progress.update(view);
      if (view.phase === "ready") ready.resolve("ready");
    },
  });
  const removeListeners = onStopSignals({
    stop: () => whenLaunched(launching, (deployment) => deployment.stop()),
    stopNow: () => whenLaunched(launching, (deployment) => deployment.stopNow()),
  });
  try {
    const deployment = await launching;
    const first = await Promise.race([ready.promise, deployment.ended]);
    if (first === "ready") process.stdout.write(readyScreen(deployment));
    const cause = await deployment.ended;
    if (cause !== undefined) throw cause;
  } finally {
    removeListeners();
    stopMinding();
  }
}

/** A signal may come while the first processes start already: then they are stopped as soon as they can be. */
function whenLaunched(launching: Promise<Deployment>, act: (deployment: Deployment) => void): void {
  launching.then(act, () => {
    // It was not launched, which is thrown where that is awaited.
  });
}

/**
 * Lets nothing happen when the terminal vanishes or the reader of a pipe ends: whoever served must be there to take
 * the processes down. Returns how to stop that.
 */
function mindBrokenOutput(): () => void {
  const ignore = (): void => {
    // Nobody sees what is written from now on, and the deployment does not depend on it.
  };
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.on("error", ignore);
  return () => {
    for (const stream of streams) stream.off("error", ignore);
  };
}
