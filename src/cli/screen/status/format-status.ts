import type { DeploymentStatus, StatusReport } from "../../../launch/mod.ts";
import type { ProcessView } from "../../../supervise/mod.ts";
import { endpointOf } from "../endpoint-of.ts";
import { formatDuration } from "./format-duration.ts";
import { formatTable, oneLine } from "./format-table.ts";

const urlsShownMax = 8;

/** All there is to say of a deployment: what it is, where it answers, and a table of its processes. */
export function formatStatus({ parts, notes }: StatusReport, nowMs: number): readonly string[] {
  const [first] = parts;
  return [
    ...(first === undefined ? [] : formatTable(headRows(first, parts, nowMs))),
    ...notes.map(oneLine),
    ...(first === undefined ? [] : ["", ...processTable(parts, nowMs)]),
  ];
}

function headRows(
  first: DeploymentStatus,
  parts: readonly DeploymentStatus[],
  nowMs: number,
): readonly (readonly string[])[] {
  const urls = (kind: "client" | "ranks"): readonly string[] => [
    ...new Set(parts.flatMap(({ endpoints }) => endpoints[kind])),
  ];
  const name = first.slurm === null ? first.id : `job ${first.slurm.jobId}`;
  const phase = phaseOf(parts);
  const upTime = formatDuration(nowMs - first.startedAtMs);
  const supervisors = parts.map(({ pid, hostname }) => `pid ${pid} on ${hostname}`);
  return [
    ["Deployment", `${name}, ${phase}${phase === "ended" ? "" : `, up ${upTime}`}`],
    ["Model", `${first.model}, ${first.engine} engine, ${first.shape}`],
    ...labelled("Endpoint", urls("client").map(endpointOf)),
    ...labelled("Ranks", urls("ranks")),
    ...labelled("Supervisor", supervisors),
    ["Output", first.outputDirectory],
    ["Logs", first.logDirectory],
  ];
}

function labelled(label: string, values: readonly string[]): readonly (readonly string[])[] {
  const more = values.length - urlsShownMax;
  const shown = more > 0 ? [...values.slice(0, urlsShownMax), `and ${more} more`] : values;
  return shown.map((value, index) => [index === 0 ? label : "", value]);
}

/** Of the whole: as far as the part that is least far. */
export function phaseOf(parts: readonly DeploymentStatus[]): string {
  const phases = new Set(parts.map(({ view }) => view.phase));
  return (
    (["stopping", "starting", "ready", "ended"] as const).find((phase) => phases.has(phase)) ?? ""
  );
}

function processTable(parts: readonly DeploymentStatus[], nowMs: number): readonly string[] {
  const hasNodes = parts.length > 1;
  const header = [
    "PROCESS",
    ...(hasNodes ? ["NODE"] : []),
    "PHASE",
    "PID",
    "RESTARTS",
    "SINCE",
    "WAITS FOR",
  ];
  const rows = parts.flatMap(({ view, hostname, phaseSinceMs }) =>
    view.processes.map((process) => {
      const sinceMs = phaseSinceMs?.[process.id];
      return [
        process.id,
        ...(hasNodes ? [hostname] : []),
        process.phase,
        String(process.pid ?? "-"),
        String(process.restartCount),
        sinceMs === undefined ? "-" : formatDuration(nowMs - sinceMs),
        formatProgress(process),
      ];
    }),
  );
  return formatTable([header, ...rows]);
}

/** What a process that is not ready does and waits for; empty for one that is. */
export function formatProgress({ phase, progress, waitingFor }: ProcessView): string {
  if (phase === "ready" || phase === "ended") return "";
  const share =
    progress !== undefined && progress.done > 0 && progress.done < 1
      ? ` ${Math.floor(progress.done * 100)} %`
      : "";
  const stage = progress === undefined ? [] : [`${progress.stage}${share}`];
  return [...stage, ...(waitingFor === undefined ? [] : [waitingFor])].join("; ");
}
