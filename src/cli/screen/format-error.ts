import { printable } from "../../base/mod.ts";
import { isPenstockError, type PenstockError } from "../../errors/mod.ts";

/** What a person reads when a command fails: message, hint and code; a stack only for what is a bug of ours. */
export function formatError(error: unknown): string {
  if (!isPenstockError(error)) return formatBug(error);
  const { message, hint, code } = causeOf(error);
  const lines = hint.split("\n").map((line) => `  ${line}`);
  return printable([`penstock: ${message}`, ...lines, `  ${code}`].join("\n"));
}

/** 2 for a mistake in the command or its configuration, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  return isPenstockError(error) && usageErrors.has(error.code) ? 2 : 1;
}

const usageErrors: ReadonlySet<string> = new Set([
  "COMMAND_INVALID",
  "CONFIG_INVALID",
  "VLLM_COMMAND_NOT_WRITABLE",
]);

interface ShownError {
  readonly message: string;
  readonly hint: string;
  readonly code: string;
}

/** A process that named the cause of its end is quoted: its message counts, not the fact that it ended. */
function causeOf(error: PenstockError): ShownError {
  if (!isGivenUp(error)) return error;
  const { reason, reasonHint, reasonCode, id, ending, logFile } = error.facts;
  return {
    message: reason,
    hint: reasonHint,
    code: `${reasonCode}, named by "${id}", which ${ending}; its log is "${logFile}"`,
  };
}

function isGivenUp(error: PenstockError): error is PenstockError<"PROCESS_GAVE_UP"> {
  return error.code === "PROCESS_GAVE_UP";
}

function formatBug(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `penstock: Stopped by an unexpected error, which is a bug in Penstock; please report it with these lines\n${stack}`;
}
