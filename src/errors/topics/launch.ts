import { define } from "../definition.ts";

export const launchErrors = {
  PORT_IN_USE: define<{ port: number; purpose: string; holder: string; flag: string }>({
    about: "A port that the deployment needs is held by another process.",
    message: ({ port, purpose, holder }) =>
      `Cannot start ${purpose}: port ${port} is already in use by ${holder}`,
    hint: ({ flag, holder }) => `Stop ${holder}, or choose another port with ${flag}`,
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
    hint: ({ hostFlag, portFlag }) =>
      `Choose an address of this machine with ${hostFlag} and a port above 1023 with ${portFlag}`,
  }),
  MODEL_NOT_FOUND: define<{ name: string; tried: readonly string[]; bundled: readonly string[] }>({
    about: "The model of the configuration is neither a directory nor the name of a bundled model.",
    message: ({ name, tried }) =>
      `Cannot find the model "${name}": ${tried.map((path) => `"${path}"`).join(" and ")} hold no model`,
    hint: ({ bundled }) =>
      `Give --model.name a Hugging Face directory (config.json, safetensors, tokenizer.json), or one of ${bundled.join(", ")}`,
  }),
  OUTPUT_DIR_NOT_WRITABLE: define<{ directory: string; reason: string }>({
    about: "The directory that takes logs cannot be made or written.",
    message: ({ directory, reason }) => `Cannot write logs to "${directory}": ${reason}`,
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
  PROCESS_NOT_READY: define<{ id: string; timeoutMs: number; logFile: string; lastLines: string }>({
    about: "A process of the deployment runs, yet did not become ready in time.",
    message: ({ id, timeoutMs, lastLines }) =>
      `Cannot start the deployment: "${id}" was not ready within ${timeoutMs} ms, its last lines are${lastLines === "" ? " empty" : `:${lastLines}`}`,
    hint: ({ logFile }) => `Read its log "${logFile}"`,
  }),
  PROCESS_NOT_STARTED: define<{ id: string; program: string; reason: string }>({
    about: "The system could not start the program of a process.",
    message: ({ id, program, reason }) =>
      `Cannot start "${id}": the system did not start "${program}" and says "${reason}"`,
    hint: ({ program }) => `Check that "${program}" is there and may be executed`,
  }),
} as const;
