import type { Logger } from "../../../telemetry/mod.ts";
import { openControl } from "../../control/open-control.ts";
import type { Control, Controlled } from "../../control/types.ts";
import type { NodeStatus } from "../files/node-status.ts";
import { StatusWriter } from "./status-writer.ts";

/** How others learn of a node: by its status file, and by a control socket on the node itself. */
export interface NodeReport {
  /** Of the control socket; none where there is no socket. */
  readonly socketPaths: readonly string[];
  changed(): void;
  close(): Promise<void>;
}

/** A node that can be looked at from afar too. */
export interface ReportingNode extends Controlled {
  status(): Omit<NodeStatus, "writtenAtMs">;
}

/** Never throws: what serves goes on, also where nobody can look at it. */
export async function openNodeReport(
  controlled: ReportingNode,
  statusFile: string,
  logger: Logger,
): Promise<NodeReport> {
  const writer = new StatusWriter({
    file: statusFile,
    status: () => controlled.status(),
    onError: ({ message }) => logger.warning(`Cannot write "${statusFile}": ${message}`),
  });
  const control = await tryOpen(controlled, logger);
  return {
    socketPaths: control === undefined ? [] : [control.socketPath],
    changed() {
      writer.changed();
      control?.notify();
    },
    async close() {
      await control?.close();
      await writer.close();
    },
  };
}

async function tryOpen(controlled: Controlled, logger: Logger): Promise<Control | undefined> {
  try {
    return await openControl(controlled);
  } catch (error) {
    logger.warning(`Cannot be steered on this node: ${(error as Error).message}`);
    return undefined;
  }
}
