import { define } from "../definition.ts";

/** One of several things that are wrong, and what to do about it. */
interface Problem {
  readonly message: string;
  readonly hint: string;
}

const problemsShownMax = 20;

function listed(problems: readonly Problem[]): string {
  const lines = problems.map(({ message, hint }) => `${message}; ${hint}`);
  const more = lines.length - problemsShownMax;
  const shown = more > 0 ? [...lines.slice(0, problemsShownMax), `and ${more} more`] : lines;
  return shown.map((line) => `\n    ${line}`).join("");
}

/** A process that Penstock itself has started is started again when it is killed. */
function isPenstock(holder: string): boolean {
  return /\(node penstock\.js (router|engine) /.test(holder);
}

/** Nodes of one machine have addresses of 127.0.0.0/8, all of which Linux listens on unasked. */
function isFurtherLoopback(host: string): boolean {
  return host.startsWith("127.") && host !== "127.0.0.1";
}

export const launchErrors = {
  PORT_IN_USE: define<{ port: number; purpose: string; holder: string; flag: string }>({
    about: "A port that the deployment needs is held by another process.",
    message: ({ port, purpose, holder }) =>
      `Cannot start ${purpose}: port ${port} is already in use by ${holder}`,
    hint: ({ port, flag, holder }) =>
      isPenstock(holder)
        ? `End that deployment, which penstock status lists, with penstock stop, or choose another port than ${port} with ${flag}`
        : `Stop ${holder}, or choose another port with ${flag}`,
  }),
  ADDRESS_NOT_USABLE: define<{
    host: string;
    port: number;
    purpose: string;
    reason: string;
    hostFlag: string;
    portFlag: string;
  }>({
    about:
      "The system does not let a process listen on an address, for a reason other than its being taken.",
    message: ({ host, port, purpose, reason }) =>
      `Cannot start ${purpose}: listening on "${host}" port ${port} is refused with ${reason}`,
    hint: ({ host, hostFlag, portFlag }) =>
      process.platform === "darwin" && isFurtherLoopback(host)
        ? `Make it an address of this machine with "sudo ifconfig lo0 alias ${host}": macOS has 127.0.0.1 alone`
        : `Choose an address of this machine with ${hostFlag} and a port above 1023 with ${portFlag}`,
  }),
  PORTS_NOT_USABLE: define<{ problems: readonly Problem[] }>({
    about: "Several ports or addresses that the deployment needs cannot be listened on.",
    message: ({ problems }) =>
      `Cannot start the deployment: ${problems.length} of its ports cannot be listened on, all of them have to be:${listed(problems)}`,
    hint: () => "See what each line says",
  }),
  VLLM_NOT_READY: define<{ problems: readonly Problem[] }>({
    about:
      "This machine lacks something that a deployment of vLLM needs; each line names one thing, nothing was started.",
    message: ({ problems }) =>
      `Cannot start vLLM on this machine: ${problems.length === 1 ? "one thing is" : `${problems.length} things are`} not as needed:${listed(problems)}`,
    hint: () => "Mend what each line names; --dry-run shows the Plan without starting anything",
  }),
  NODE_DIRECTORY_NOT_USABLE: define<{ directory: string; reason: string }>({
    about:
      "A directory that a process needs on its node cannot be made, or is not only this user's.",
    message: ({ directory, reason }) =>
      `Cannot make the directory "${directory}" for this user alone: ${reason}`,
    hint: ({ directory }) => `Remove "${directory}", or have it removed by whom it belongs to`,
  }),
  PLANNED_FILE_OUTSIDE: define<{ path: string }>({
    about: "A Plan asks for a file outside of the deployment's output directory.",
    message: ({ path }) =>
      `Cannot write the planned file "${path}": it is outside of the output directory, where all of a deployment's files have to be`,
    hint: () => "Make the Plan anew with penstock serve",
  }),
  MODEL_NOT_FOUND: define<{ name: string; tried: readonly string[]; bundled: readonly string[] }>({
    about: "The model of the configuration is neither a directory nor the name of a bundled model.",
    message: ({ name, tried }) =>
      `Cannot find the model "${name}": ${tried.map((path) => `"${path}"`).join(" and ")} hold no model`,
    hint: ({ bundled }) =>
      `Give --model.name a Hugging Face directory (config.json, safetensors, tokenizer.json), or one of ${bundled.join(", ")}`,
  }),
  OUTPUT_DIR_NOT_WRITABLE: define<{ directory: string; reason: string }>({
    about:
      "The output directory, which takes logs and files of the deployment, cannot be made or written.",
    message: ({ directory, reason }) => `Cannot write to "${directory}": ${reason}`,
    hint: () => "Choose a directory that you may write with --output-dir",
  }),
  PROCESS_GAVE_UP: define<{
    id: string;
    ending: string;
    reason: string;
    reasonCode: string;
    reasonHint: string;
    logFile: string;
  }>({
    about:
      "A process of the deployment ended and named the cause itself; its own code is part of the facts.",
    message: ({ id, ending, reason }) => `"${id}" ${ending}: ${reason}`,
    hint: ({ reasonHint }) => reasonHint,
  }),
  PROCESS_ENDED: define<{ id: string; ending: string; logFile: string; lastLines: string }>({
    about:
      "A process of the deployment ended without saying why; the deployment was taken down with it.",
    message: ({ id, ending, lastLines }) =>
      `Cannot keep the deployment up: "${id}" ${ending}, its last lines are${lastLines === "" ? " empty" : `:${lastLines}`}`,
    hint: ({ logFile }) => `Read its log "${logFile}"`,
  }),
  PROCESS_ENDED_TOO_OFTEN: define<{
    id: string;
    endCount: number;
    windowMs: number;
    lastEnd: string;
    logFile: string;
  }>({
    about:
      "A process of the deployment was started again and again, and ended once more than its policy allows.",
    message: ({ id, endCount, windowMs, lastEnd }) =>
      `Cannot keep the deployment up: "${id}" ended ${endCount} times within ${windowMs} ms, the last time it ${lastEnd}`,
    hint: ({ logFile }) => `Read its log "${logFile}"`,
  }),
  PROCESS_NOT_READY: define<{
    id: string;
    timeoutMs: number;
    wanted: string;
    logFile: string;
    lastLines: string;
  }>({
    about: "A process of the deployment runs, yet did not become ready in time.",
    message: ({ id, timeoutMs, wanted, lastLines }) =>
      `Cannot start the deployment: "${id}" was not ready within ${timeoutMs} ms, which is when ${wanted}, its last lines are${lastLines === "" ? " empty" : `:${lastLines}`}`,
    hint: ({ logFile }) => `Read its log "${logFile}"`,
  }),
  PROCESS_NOT_STARTED: define<{ id: string; program: string; reason: string }>({
    about: "The system could not start the program of a process.",
    message: ({ id, program, reason }) =>
      `Cannot start "${id}": the system did not start "${program}" and says "${reason}"`,
    hint: ({ program }) => `Check that "${program}" is there and may be executed`,
  }),
  PROCESS_NOT_RESTARTABLE: define<{ id: string; reason: string }>({
    about: "A process cannot be started again by itself.",
    message: ({ id, reason }) => `Cannot restart "${id}": ${reason}`,
    hint: () => "Stop the deployment and start it again",
  }),
} as const;
