import { PenstockError } from "../errors/mod.ts";
import type { Cause, Failure } from "./deployment-machine.ts";
import type { ChildOutput } from "./logs/child-output.ts";
import type { Ending, ProcessSpec } from "./process-spec.ts";
import { describeReady } from "./ready/await-ready.ts";

/** The error of a deployment that stopped because of one of its processes, with what that process said last. */
export function describeFailure(
  cause: Exclude<Cause, { kind: "asked" }>,
  spec: ProcessSpec,
  output: ChildOutput,
): PenstockError {
  const { id } = spec;
  const { logFile, fatal } = output;
  const lastLines = output.lastLines.map((line) => `\n    ${line}`).join("");
  if (cause.kind === "ended-too-often") {
    const { endCount, windowMs, last } = cause;
    const words = fatal === undefined ? `its last lines are:${lastLines}` : fatal.message;
    const lastEnd = `${describeEnd(last, spec)}: ${words}`;
    const facts = { id, endCount, windowMs, lastEnd, logFile };
    return new PenstockError("PROCESS_ENDED_TOO_OFTEN", facts);
  }
  if (cause.kind === "not-ready") {
    const facts = { id, timeoutMs: readyTimeoutMs(spec), logFile, lastLines };
    const wanted = describeReady(spec.ready) ?? "it runs";
    return new PenstockError("PROCESS_NOT_READY", { ...facts, wanted });
  }
  const { ending } = cause;
  if (ending.kind === "not-started")
    return new PenstockError("PROCESS_NOT_STARTED", {
      id,
      program: spec.argv[0]!,
      reason: ending.reason,
    });
  const inWords = describeEnding(ending);
  if (fatal === undefined)
    return new PenstockError("PROCESS_ENDED", { id, ending: inWords, logFile, lastLines });
  return new PenstockError("PROCESS_GAVE_UP", {
    id,
    ending: inWords,
    logFile,
    reason: fatal.message,
    reasonCode: textOr(fatal["code"], "none"),
    reasonHint: textOr(fatal["hint"], `Read its log "${logFile}"`),
  });
}

/** What a process did, as the predicate of a sentence: "ended with exit code 7". */
export function describeEnd(failure: Failure, spec: ProcessSpec): string {
  return failure.kind === "ended"
    ? describeEnding(failure.ending)
    : `was not ready within ${readyTimeoutMs(spec)} ms`;
}

function describeEnding(ending: Ending): string {
  if (ending.kind === "exit") return `ended with exit code ${ending.exitCode}`;
  if (ending.kind === "signal") return `was ended by signal ${ending.signal}`;
  return `could not be started, the system says "${ending.reason}"`;
}

function readyTimeoutMs({ ready }: ProcessSpec): number {
  return ready.kind === "started" ? 0 : ready.timeoutMs;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
