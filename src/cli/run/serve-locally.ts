import { isPenstockError, type PenstockError } from "../../errors/mod.ts";
import { type Deployment, launchLocally, type LaunchRequest } from "../../launch/mod.ts";
import type { Plan } from "../../plan/mod.ts";
import type { ClientAccess } from "../screen/example-request.ts";
import { createProgressView } from "../screen/progress-view.ts";
import { readyScreen } from "../screen/ready-screen.ts";
import { onStopSignals } from "./stop-signals.ts";

/** Time that the start has to come to its first process once it is told to stop: a file system may hang. */
const launchMsMax = 2_000;

export interface LocalRequest extends Omit<LaunchRequest, "onChange"> {
  /** The same deployment at ports that are free at this moment. */
  readonly planAnew: () => Promise<Plan>;
  readonly access: ClientAccess;
}

/**
 * Carries out a Plan on this machine, shows how it comes up and minds it until it is told to stop. Where somebody
 * takes one of its ports before it serves, as a deployment does that starts at the same moment, it is planned once more.
 *
 * @throws PenstockError what it cannot start for, or the cause of an end that nobody asked for.
 */
export async function serveLocally(request: LocalRequest): Promise<void> {
  const lost = await serveOnce(request);
  if (lost === undefined) return;
  const plan = await request.planAnew();
  if (JSON.stringify(plan.nodes) === JSON.stringify(request.plan.nodes)) throw lost;
  process.stderr.write(
    "A port was taken while the deployment started: it starts again at others\n",
  );
  const lostAgain = await serveOnce({ ...request, plan });
  if (lostAgain !== undefined) throw lostAgain;
}

/** Gives the cause where a port was taken before the deployment served; throws every other one. */
async function serveOnce(
  request: Omit<LocalRequest, "planAnew">,
): Promise<PenstockError | undefined> {
  const stopMinding = mindBrokenOutput();
  const ready = Promise.withResolvers<"ready">();
  const progress = createProgressView(process.stderr);
  let isReady = false;
  const launching = launchLocally({
    ...request,
    onChange: (view) => {
      progress.update(view);
      if (view.phase !== "ready") return;
      isReady = true;
      ready.resolve("ready");
    },
  });
  const removeListeners = onStopSignals({
    stop: () => whenLaunched(launching, (deployment) => deployment.stop()),
    stopNow: () => whenLaunched(launching, (deployment) => deployment.stopNow()),
  });
  try {
    const deployment = await launching;
    const first = await Promise.race([ready.promise, deployment.ended]);
    if (first === "ready")
      process.stdout.write(readyScreen({ ...deployment, access: request.access }));
    const cause = await deployment.ended;
    if (cause !== undefined) throw cause;
    return undefined;
  } catch (error) {
    if (!isReady && isPortTaken(error)) return error;
    throw error;
  } finally {
    removeListeners();
    stopMinding();
  }
}

function isPortTaken(error: unknown): error is PenstockError {
  if (!isPenstockError(error)) return false;
  const { code, facts } = error;
  if (code === "PORT_IN_USE" || code === "PORTS_NOT_USABLE") return true;
  return code === "PROCESS_GAVE_UP" && "reasonCode" in facts && facts.reasonCode === "PORT_IN_USE";
}

/** A signal may come while the first processes start already: then they are stopped as soon as they can be. */
function whenLaunched(launching: Promise<Deployment>, act: (deployment: Deployment) => void): void {
  const giveUp = setTimeout(() => {
    process.stderr.write("Stopped before the first process was started\n");
    process.exit(0);
  }, launchMsMax);
  const settle = (): void => clearTimeout(giveUp);
  launching.finally(settle).then(act, () => {
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
