import { PenstockError } from "../errors/mod.ts";
import type { ChildOutput } from "./child-output.ts";
import type { Cause } from "./deployment-machine.ts";
import type { Ending, ProcessSpec } from "./process-spec.ts";

/** The error of a deployment that stopped because of one of its processes, with what that process said last. */
export function describeFailure(
  cause: Exclude<Cause, { kind: "asked" }>,
  spec: ProcessSpec,
  output: ChildOutput,
): PenstockError {
  const { id } = spec;
  const { logFile, fatal } = output;
  const lastLines = output.lastLines.map((line) => `\n    ${line}`).join("");
  if (cause.kind === "not-ready") {
    const timeoutMs = spec.ready.kind === "http" ? spec.ready.timeoutMs : 0;
    return new PenstockError("PROCESS_NOT_READY", { id, timeoutMs, logFile, lastLines });
  }
  const { ending } = cause;
  if (ending.kind === "not-started")
    return new PenstockError("PROCESS_NOT_STARTED", {
      id,
      program: spec.argv[0]!,
      reason: ending.reason,
    });
  if (fatal === undefined)
    return new PenstockError("PROCESS_ENDED", { id, ending: inWords(ending), logFile, lastLines });
  return new PenstockError("PROCESS_GAVE_UP", {
    id,
    ending: inWords(ending),
    logFile,
    reason: fatal.message,
    reasonCode: textOr(fatal["code"], "none"),
    reasonHint: textOr(fatal["hint"], `Read its log "${logFile}"`),
  });
}

function inWords(ending: Exclude<Ending, { kind: "not-started" }>): string {
  return ending.kind === "exit"
    ? `ended with exit code ${ending.exitCode}`
    : `was ended by signal ${ending.signal}`;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
