import { type Plan, replaceNodeAddresses } from "../../plan/mod.ts";
import type { Deployment, LaunchRequest } from "../launcher.ts";
import { checkPorts } from "../node/check-ports.ts";
import { runNodes } from "../node/run-nodes.ts";
import { makeAttemptDirectory } from "./attempt-directory.ts";
import { localAddresses } from "./local-addresses.ts";
import { checkVllm } from "./preflight/check-vllm.ts";

/**
 * Carries out a Plan as processes of this machine, every node at a loopback address of its own.
 *
 * @throws PenstockError VLLM_NOT_READY and what `runNodes` throws; then nothing was started. What is found missing
 * before leaves no trace on disk either.
 */
export async function launchLocally(request: LaunchRequest): Promise<Deployment> {
  const { outputDirectory, onChange } = request;
  const plan = replaceNodeAddresses(request.plan, localAddresses(request.plan.nodes.length));
  await checkMachine(plan, request.vllmVersion);
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

async function checkMachine(plan: Plan, vllmVersion: string | null): Promise<void> {
  if (plan.engine === "vllm") {
    const places = { path: process.env["PATH"] ?? "", workingDirectory: process.cwd() };
    await checkVllm(plan, { version: vllmVersion, places });
  } else {
    await checkPorts(plan.nodes.flatMap(({ processes }) => processes));
  }
}
