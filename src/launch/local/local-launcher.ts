import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import { replaceNodeAddresses } from "../../plan/mod.ts";
import { Supervisor } from "../../supervise/mod.ts";
import type { Deployment, LaunchRequest } from "../launcher.ts";
import { makeAttemptDirectory } from "./attempt-directory.ts";
import { checkPorts } from "./check-ports.ts";

/** The address of the one node there is. */
const loopback = "127.0.0.1";

/**
 * Carries out a Plan of one node as processes of this machine.
 *
 * @throws PenstockError PORT_IN_USE, ADDRESS_NOT_USABLE, OUTPUT_DIR_NOT_WRITABLE; then nothing was started.
 */
export async function launchLocally(request: LaunchRequest): Promise<Deployment> {
  const [planned, ...others] = request.plan.nodes;
  assert.ok(planned !== undefined && others.length === 0, "the Plan has one node");
  const node = replaceNodeAddresses(planned, [loopback]);
  await checkPorts(node);
  const logDirectory = await makeAttemptDirectory(request.outputDirectory);
  const supervisor = startSupervisor(node.processes, logDirectory, request);
  return {
    logDirectory,
    ended: supervisor.ended,
    stop: () => supervisor.stop(),
    stopNow: () => supervisor.stopNow(),
  };
}

function startSupervisor(
  processes: LaunchRequest["plan"]["nodes"][number]["processes"],
  logDirectory: string,
  { onChange }: LaunchRequest,
): Supervisor {
  try {
    return new Supervisor(processes, { logDirectory, onChange });
  } catch (error) {
    // The log files are opened before any process starts: a system error here is one of theirs.
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== "open") throw error;
    const facts = { directory: logDirectory, reason: message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
