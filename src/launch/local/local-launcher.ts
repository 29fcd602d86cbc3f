import { hostname } from "node:os";
import { PenstockError } from "../../errors/mod.ts";
import { type Plan, replaceNodeAddresses } from "../../plan/mod.ts";
import { makeDeploymentId } from "../control/deployment-id.ts";
import { openControl } from "../control/open-control.ts";
import type { Control, Controlled, DeploymentStatus } from "../control/types.ts";
import type { Deployment, LaunchRequest } from "../launcher.ts";
import { checkPorts } from "../node/check-ports.ts";
import { runNodes } from "../node/run-nodes.ts";
import type { NodeRun } from "../node/types.ts";
import { makeAttemptDirectory } from "./attempt-directory.ts";
import { localAddresses } from "./local-addresses.ts";
import { checkVllm } from "./preflight/check-vllm.ts";

/**
 * Carries out a Plan as processes of this machine, every node at a loopback address of its own.
 *
 * @throws PenstockError VLLM_NOT_READY, CONTROL_NOT_OPENED and what `runNodes` throws; then nothing runs. What is found
 * missing before the start leaves no trace on disk either.
 */
export async function launchLocally(request: LaunchRequest): Promise<Deployment> {
  const { outputDirectory, onChange } = request;
  const plan = replaceNodeAddresses(request.plan, localAddresses(request.plan.nodes.length));
  await checkMachine(plan, request.vllmVersion);
  const logDirectory = await makeAttemptDirectory(outputDirectory);
  const standing = standingOf(plan, { outputDirectory, logDirectory });
  const started = Promise.withResolvers<NodeRun>();
  const control = await openControl(steer(standing, started.promise));
  try {
    const run = await runNodes({
      plan,
      nodes: plan.nodes.map(({ index }) => index),
      outputDirectory,
      logDirectory,
      removedWhenKilled: [control.socketPath],
      onChange: (view) => {
        onChange(view);
        control.notify();
      },
    });
    started.resolve(run);
    return {
      id: standing.id,
      plan,
      logDirectory,
      ended: closeAfter(run.ended, control),
      stop: () => run.stop(),
      stopNow: () => run.stopNow(),
    };
  } catch (error) {
    await control.close();
    throw error;
  }
}

async function checkMachine(plan: Plan, vllmVersion: string | null): Promise<void> {
  if (plan.engine === "vllm") {
    const places = { path: process.env["PATH"] ?? "", workingDirectory: process.cwd() };
    await checkVllm(plan, { version: vllmVersion, places });
  } else {
    await checkPorts(plan.nodes.flatMap(({ processes }) => processes));
  }
}

/** What of its status stays as it is. */
type Standing = Omit<DeploymentStatus, "view">;

function standingOf(
  plan: Plan,
  directories: Pick<Standing, "outputDirectory" | "logDirectory">,
): Standing {
  return {
    id: makeDeploymentId(),
    pid: process.pid,
    hostname: hostname(),
    startedAtMs: Date.now(),
    shape: plan.shape,
    engine: plan.engine,
    model: plan.model.name,
    ...directories,
    endpoints: { client: plan.endpoints.client, ranks: plan.endpoints.ranks },
    adminSockets: plan.endpoints.admin.map(({ path }) => path),
    slurm: null,
  };
}

/** What other shells see and ask for; what they ask for before anything runs happens as soon as it does. */
function steer(standing: Standing, started: Promise<NodeRun>): Controlled {
  let running: NodeRun | undefined;
  const whenRunning = (act: (run: NodeRun) => void): void => {
    void started.then(act);
  };
  whenRunning((run) => (running = run));
  return {
    status: () => ({ ...standing, view: running?.view() ?? { phase: "starting", processes: [] } }),
    stop: () => whenRunning((run) => run.stop()),
    stopNow: () => whenRunning((run) => run.stopNow()),
    restart: (id) => {
      const reason = "the deployment starts just now";
      if (running === undefined) throw new PenstockError("PROCESS_NOT_RESTARTABLE", { id, reason });
      running.restart(id);
    },
  };
}

async function closeAfter(ended: Deployment["ended"], control: Control): Deployment["ended"] {
  const cause = await ended;
  await control.close();
  return cause;
}
