import assert from "node:assert/strict";
import { PenstockError } from "../../errors/mod.ts";
import type { PlannedProcess } from "../../plan/mod.ts";
import { Supervisor } from "../../supervise/mod.ts";
import { checkPorts } from "./check-ports.ts";
import { makePlannedDirectories, removePlannedDirectories } from "./planned-directories.ts";
import type { NodeRun, NodeRunOptions } from "./types.ts";
import { writeFilesBelow } from "./write-files-below.ts";

/**
 * Starts the processes of some nodes of a Plan on this machine and minds them: ports are looked at first, all of
 * them, then directories and files are made. Where it throws, nothing was started.
 *
 * @throws PenstockError PORT_IN_USE, ADDRESS_NOT_USABLE, PORTS_NOT_USABLE, NODE_DIRECTORY_NOT_USABLE,
 * PLANNED_FILE_OUTSIDE, OUTPUT_DIR_NOT_WRITABLE
 */
export async function runNodes(options: NodeRunOptions): Promise<NodeRun> {
  const processes = options.nodes.flatMap((index) => {
    const node = options.plan.nodes[index];
    assert.ok(node !== undefined, `node ${index} is one of the Plan's`);
    return node.processes;
  });
  await checkPorts(processes);
  const directories = processes.flatMap((process) => process.directories);
  try {
    await makePlannedDirectories(directories);
    const files = processes.flatMap((process) => process.files);
    await writeFilesBelow(options.outputDirectory, files);
    return mind(processes, directories, options);
  } catch (error) {
    await removePlannedDirectories(directories);
    throw error;
  }
}

function mind(
  processes: readonly PlannedProcess[],
  directories: readonly string[],
  options: NodeRunOptions,
): NodeRun {
  const supervisor = startSupervisor(processes, directories, options);
  return {
    ended: tidyAfter(supervisor.ended, directories),
    view: () => supervisor.view(),
    stop: () => supervisor.stop(),
    stopNow: () => supervisor.stopNow(),
    restart: (processId) => supervisor.restart(processId),
  };
}

async function tidyAfter(
  ended: NodeRun["ended"],
  directories: readonly string[],
): NodeRun["ended"] {
  const cause = await ended;
  await removePlannedDirectories(directories);
  return cause;
}

function startSupervisor(
  processes: readonly PlannedProcess[],
  directories: readonly string[],
  { logDirectory, onChange, removedWhenKilled = [] }: NodeRunOptions,
): Supervisor {
  try {
    return new Supervisor(processes, {
      logDirectory,
      onChange,
      directories: [...directories, ...removedWhenKilled],
    });
  } catch (error) {
    // The log files are opened before any process starts: a system error here is one of theirs.
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== "open") throw error;
    const facts = { directory: logDirectory, reason: message };
    throw new PenstockError("OUTPUT_DIR_NOT_WRITABLE", facts, { cause: error });
  }
}
