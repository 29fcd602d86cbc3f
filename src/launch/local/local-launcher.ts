import { replaceNodeAddresses } from "../../plan/mod.ts";
import type { Deployment, LaunchRequest } from "../launcher.ts";
import { checkPorts } from "../node/check-ports.ts";
import { runNodes } from "../node/run-nodes.ts";
import { makeAttemptDirectory } from "./attempt-directory.ts";
import { localAddresses } from "./local-addresses.ts";

/**
 * Carries out a Plan as processes of this machine, every node at a loopback address of its own.
 *
 * @throws PenstockError what `runNodes` throws; then nothing was started. Taken ports leave no trace on disk either.
 */
export async function launchLocally(request: LaunchRequest): Promise<Deployment> {
  const { outputDirectory, onChange } = request;
  const plan = replaceNodeAddresses(request.plan, localAddresses(request.plan.nodes.length));
  await checkPorts(plan.nodes.flatMap(({ processes }) => processes));
  const logDirectory = await makeAttemptDirectory(outputDirectory);
  const nodes = plan.nodes.map(({ index }) => index);
  const run = await runNodes({ plan, nodes, outputDirectory, logDirectory, onChange });
  return {
    plan,
    logDirectory,
    ended: run.ended,
    stop: () => run.stop(),
    stopNow: () => run.stopNow(),
  };
}
