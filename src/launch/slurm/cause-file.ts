import { hostname } from "node:os";
import { isPenstockError } from "../../errors/mod.ts";
import { replaceFile } from "./replace-file.ts";

/** Why a node ended. */
export interface NodeCause {
  /** When it was found, by the node's clock: the earliest one of all nodes is the first cause. */
  readonly timeMs: number;
  readonly node: number;
  readonly hostname: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export function describeCause(error: unknown, at: { node: number; timeMs: number }): NodeCause {
  const known = isPenstockError(error);
  return {
    ...at,
    hostname: hostname(),
    code: known ? codeOf(error) : "UNEXPECTED",
    message: known ? error.message : `stopped by an unexpected error: ${String(error)}`,
    hint: known ? error.hint : "This is a bug in Penstock; please report it with the job's log",
  };
}

/** A process that named the cause itself is quoted with its own code. */
function codeOf(error: { readonly code: string; readonly facts: object }): string {
  const { reasonCode } = error.facts as { readonly reasonCode?: unknown };
  return typeof reasonCode === "string" ? reasonCode : error.code;
}

export async function writeCauseFile(file: string, cause: NodeCause): Promise<void> {
  await replaceFile(file, `${JSON.stringify(cause)}\n`);
}

/** Reads what {@linkcode writeCauseFile} wrote; undefined for anything else. */
export function parseCause(text: string): NodeCause | undefined {
  try {
    const cause = JSON.parse(text) as Partial<NodeCause> | null;
    const { timeMs, node, hostname: host, code, message, hint } = cause ?? {};
    const isCause =
      [timeMs, node].every((value) => typeof value === "number") &&
      [host, code, message, hint].every((value) => typeof value === "string");
    return isCause ? (cause as NodeCause) : undefined;
  } catch {
    // No JSON: a file of somebody else, or half of one from a disk that was full.
    return undefined;
  }
}

/** The cause that came first. */
export function firstCause(causes: readonly NodeCause[]): NodeCause | undefined {
  return causes.toSorted((a, b) => a.timeMs - b.timeMs || a.node - b.node)[0];
}
