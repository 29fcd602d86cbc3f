import { nearestWord } from "../../base/mod.ts";
import { define } from "../definition.ts";

/** A running deployment in one line. */
interface Running {
  readonly id: string;
  readonly model: string;
  readonly ports: readonly string[];
  readonly outputDirectory: string;
}

const runningShownMax = 20;
const idsShownMax = 40;

function listed(running: readonly Running[]): string {
  const lines = running.map(({ id, model, ports, outputDirectory }) =>
    [id, model, ports.length === 0 ? "no port" : `port ${ports.join(", ")}`, outputDirectory].join(
      "  ",
    ),
  );
  const more = lines.length - runningShownMax;
  const shown = more > 0 ? [...lines.slice(0, runningShownMax), `and ${more} more`] : lines;
  return shown.map((line) => `\n    ${line}`).join("");
}

function joined(ids: readonly string[]): string {
  const more = ids.length - idsShownMax;
  const shown = ids.slice(0, idsShownMax).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

export const controlErrors = {
  CONTROL_NOT_OPENED: define<{ reasons: readonly string[] }>({
    about:
      "No directory can take the socket over which commands talk to a deployment: it has to be this user's alone.",
    message: ({ reasons }) =>
      `Cannot open the control socket: no directory for it is this user's alone: ${reasons.join("; ")}`,
    hint: () => "Set PENSTOCK_RUNTIME_DIR to a directory of mode 0700 that belongs to you",
  }),
  CONTROL_BUSY: define<{ connectionsMax: number }>({
    about: "All connections that a deployment grants to commands are taken.",
    message: ({ connectionsMax }) =>
      `Cannot take the command: ${connectionsMax} others are connected to the deployment, no more than that may be`,
    hint: () => "End a penstock status -f or penstock logs -f that is no longer needed",
  }),
  CONTROL_REQUEST_INVALID: define<{ reason: string }>({
    about: "What came over the control socket is no request of this version of Penstock.",
    message: ({ reason }) => `Cannot read the request: ${reason}`,
    hint: () => "Use the Penstock that started the deployment",
  }),
  CONTROL_ANSWER_INVALID: define<{ pid: number; reason: string }>({
    about:
      "What a deployment answered over its control socket is no answer of this version of Penstock.",
    message: ({ pid, reason }) => `Cannot read the answer of pid ${pid}: ${reason}`,
    hint: () => "Use the Penstock that started the deployment",
  }),
  DEPLOYMENT_SILENT: define<{ pid: number; timeoutMs: number }>({
    about: "The supervisor of a deployment runs, yet does not answer: it is stopped or hangs.",
    message: ({ pid, timeoutMs }) =>
      `Cannot talk to the deployment: its supervisor, pid ${pid}, has not answered within ${timeoutMs} ms`,
    hint: ({ pid }) =>
      `Wake it with kill -CONT ${pid} if it is stopped; kill -9 ${pid} ends it with all of its processes`,
  }),
  DEPLOYMENT_GONE: define<{ pid: number }>({
    about: "A deployment ended while a command talked to it.",
    message: ({ pid }) => `Cannot talk to the deployment: its supervisor, pid ${pid}, has ended`,
    hint: () => "See what runs with penstock status",
  }),
  DEPLOYMENT_NOT_FOUND: define<{ selector: string | undefined; running: readonly Running[] }>({
    about: "No deployment of this user runs on this machine, or none by that name.",
    message: ({ selector, running }) => {
      const named = selector === undefined ? "a deployment" : `the deployment "${selector}"`;
      return running.length === 0
        ? `Cannot find ${named}: none of yours runs on this machine`
        : `Cannot find ${named}: running are${listed(running)}`;
    },
    hint: ({ running }) =>
      running.length === 0
        ? "Start one with penstock serve; a Slurm job is named by its number"
        : "Name one with --deployment: its id or the beginning of it, its port or its output directory",
  }),
  DEPLOYMENT_AMBIGUOUS: define<{ selector: string | undefined; running: readonly Running[] }>({
    about:
      "Several deployments run on this machine and the command does not say which one is meant.",
    message: ({ selector, running }) =>
      selector === undefined
        ? `Cannot choose a deployment: ${running.length} run on this machine, one has to be named:${listed(running)}`
        : `Cannot choose a deployment: "${selector}" means ${running.length} of them, it has to mean one:${listed(running)}`,
    hint: ({ running }) =>
      `Name one with --deployment: its id, as in --deployment ${running[0]?.id ?? "ID"}, its port or its output directory`,
  }),
  PROCESS_UNKNOWN: define<{ id: string; ids: readonly string[] }>({
    about: "A command names a process that the deployment does not have.",
    message: ({ id, ids }) =>
      `Cannot find the process "${id}": the deployment has ${ids.length === 0 ? "none yet" : joined(ids)}`,
    hint: ({ id, ids }) =>
      `Give one of these ids, or the number of a rank${ids.length === 0 ? "" : `, for example "${nearestWord(id, ids) ?? ids[0]}"`}`,
  }),
  PROCESS_NAME_AMBIGUOUS: define<{ name: string; ids: readonly string[] }>({
    about: "A command names a process by a number that several of them end with.",
    message: ({ name, ids }) =>
      `Cannot choose a process: "${name}" means ${joined(ids)}, it has to mean one`,
    hint: () => "Give the whole id",
  }),
  PROCESS_NOT_READY_AGAIN: define<{ id: string; reason: string; logCommand: string }>({
    about: "A process that was restarted with penstock restart did not become ready again.",
    message: ({ id, reason }) => `Cannot restart "${id}": ${reason}`,
    hint: ({ logCommand }) => `Read its log with ${logCommand}`,
  }),
  LOGS_MISSING: define<{ name: string; state: string | undefined }>({
    about:
      "The logs of a job were asked for before one of its nodes has told which processes it has.",
    message: ({ name, state }) => {
      const found = `no node of it has told of a process${state === undefined ? "" : ` (${state})`}`;
      return `Cannot show the logs of ${name}: ${found}, one node has to`;
    },
    hint: () =>
      "See with penstock status -f when its nodes begin; what Slurm says is in logs/job_ID.log of output_dir",
  }),
  LOG_NOT_READABLE: define<{ path: string; reason: string }>({
    about: "The log file of a process is there and cannot be read.",
    message: ({ path, reason }) => `Cannot read the log "${path}": ${reason}`,
    hint: () => "Read it as the user who started the deployment",
  }),
  DEPLOYMENT_NOT_STOPPED: define<{ name: string; pid: string; timeoutMs: number }>({
    about:
      "A deployment that was told to stop still runs after the time that stopping takes at most.",
    message: ({ name, timeoutMs }) =>
      `Cannot stop ${name}: it still runs ${timeoutMs} ms after it was told to`,
    hint: ({ pid }) => `Stop it at once with penstock stop --now, or with kill -9 ${pid}`,
  }),
  ADMIN_SOCKET_NOT_FOUND: define<{ name: string; hosts: readonly string[] }>({
    about: "A deployment has no router on this machine whose ranks can be changed at run time.",
    message: ({ name, hosts }) =>
      `Cannot find an admin socket of ${name} on this machine: ${hosts.length === 0 ? "it has no router of Penstock's own" : `its routers run on ${joined(hosts)}`}`,
    hint: ({ hosts }) =>
      hosts.length === 0
        ? 'Only router.type = "penstock" has one; --admin-uds names one of a router that no deployment has'
        : `Run the command on ${hosts[0]!}`,
  }),
  ADMIN_SOCKET_AMBIGUOUS: define<{ name: string; paths: readonly string[] }>({
    about: "A deployment has several routers and the command does not say which one is meant.",
    message: ({ name, paths }) =>
      `Cannot choose a router of ${name}: it has ${paths.length}, one has to be named:${paths.map((path) => `\n    ${path}`).join("")}`,
    hint: ({ paths }) => `Name one with --admin-uds, as in --admin-uds ${paths[0] ?? "PATH"}`,
  }),
  ROUTER_ADMIN_SILENT: define<{ socketPath: string; reason: string }>({
    about: "The admin socket of a router cannot be reached, or nobody answers there.",
    message: ({ socketPath, reason }) =>
      `Cannot talk to the router at its admin socket "${socketPath}": ${reason}`,
    hint: () => "See with penstock status whether the router runs, and who it belongs to",
  }),
  ROUTER_ADMIN_REFUSED: define<{ route: string; reason: string }>({
    about: "A router does not do what it is asked for at its admin socket.",
    message: ({ route, reason }) => `Cannot have the router do "${route}": ${reason}`,
    hint: () => "See what ranks it has with penstock ranks list",
  }),
} as const;
