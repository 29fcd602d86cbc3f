import { join } from "node:path";
import type { Plan, PlannedProcess } from "../../../plan/mod.ts";
import type { DeploymentView, ProcessView } from "../../../supervise/mod.ts";
import type { JobReport } from "./job-report.ts";

/** All processes of a job in the order of the Plan; those of a node that has not begun wait. */
export function jobView(plan: Plan, report: JobReport, logDirectory: string): DeploymentView {
  const byNode = new Map(report.statuses.map((status) => [status.slurm.node, status.view]));
  const isReady = report.endpoints !== undefined;
  const processes = plan.nodes.flatMap(
    ({ index, processes: planned }) =>
      byNode.get(index)?.processes.map((process) => (isReady ? caughtUp(process) : process)) ??
      planned.map((process) => waiting(process, index, logDirectory)),
  );
  const phases = [...byNode.values()].map(({ phase }) => phase);
  const isStopping = phases.some((phase) => phase === "stopping" || phase === "ended");
  const phase = isStopping ? "stopping" : isReady ? "ready" : "starting";
  return { phase, processes };
}

/** Status files come a moment after the endpoints, which are there once everything is ready. */
function caughtUp(process: ProcessView): ProcessView {
  const isBehind = process.phase === "starting" && process.restartCount === 0;
  return isBehind ? { ...process, phase: "ready" } : process;
}

function waiting({ id }: PlannedProcess, node: number, logDirectory: string): ProcessView {
  return {
    id,
    phase: "waiting",
    pid: undefined,
    progress: undefined,
    waitingFor: `node ${node} begins`,
    restartCount: 0,
    logFile: join(logDirectory, `${id}.log`),
  };
}
