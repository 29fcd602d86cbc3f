import { hostname } from "node:os";
import { parseJson } from "../../../base/mod.ts";
import { isPenstockError } from "../../../errors/mod.ts";
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
  const cause = parseJson(text) as Partial<NodeCause> | null | undefined;
  const { timeMs, node, hostname: host, code, message, hint } = cause ?? {};
  const isCause =
    [timeMs, node].every((value) => typeof value === "number") &&
    [host, code, message, hint].every((value) => typeof value === "string");
  return isCause ? (cause as NodeCause) : undefined;
}

/** The cause that came first. */
export function firstCause(causes: readonly NodeCause[]): NodeCause | undefined {
  return causes.toSorted((a, b) => a.timeMs - b.timeMs || a.node - b.node)[0];
}

const commentStart = "penstock-cause:";
const commentTextMax = 1_000;

/** The cause as the comment of a job holds it, in which blanks, quotes and `Key=` would be misread. */
export function commentOfCause(cause: NodeCause): string {
  const message = cause.message.slice(0, commentTextMax);
  const hint = cause.hint.slice(0, commentTextMax);
  const text = JSON.stringify({ ...cause, message, hint });
  return `${commentStart}${Buffer.from(text).toString("base64url")}`;
}

/** Reads what {@linkcode commentOfCause} wrote; undefined for any other comment. */
export function causeOfComment(comment: string): NodeCause | undefined {
  if (!comment.startsWith(commentStart)) return undefined;
  const encoded = comment.slice(commentStart.length);
  return parseCause(Buffer.from(encoded, "base64url").toString("utf8"));
}
