import { isDeepStrictEqual } from "node:util";
import type { Message, Reading } from "./reading.ts";

/** Where two readings of one input first part. */
export interface Divergence {
  /** Of the message where they part. */
  readonly index: number;
  /**
   * "penstock refuses" and "node refuses": the other one takes this message, or more of it. "end": one of them reads
   * on where the other is done. Else what they read differently.
   */
  readonly what:
    | "penstock refuses"
    | "node refuses"
    | "end"
    | "method"
    | "target"
    | "status"
    | "reason"
    | "version"
    | "fields"
    | "keepsAlive"
    | "body"
    | "trailers";
  readonly penstock: Reading;
  readonly node: Reading;
}

/** Where the two readings part, or undefined where they say the same. */
export function compare(penstock: Reading, node: Reading): Divergence | undefined {
  const count = Math.max(penstock.messages.length, node.messages.length);
  for (let index = 0; index < count; index++) {
    const what = differenceAt(index, penstock, node);
    if (what !== undefined) return { index, what, penstock, node };
  }
  const isSettled =
    penstock.end === node.end || endsOfUnfinished.has(`${penstock.end} ${node.end}`);
  return isSettled ? undefined : { index: count, what: "end", penstock, node };
}

/** One waits for the rest of a head that the other will not take already: neither has accepted anything. */
const endsOfUnfinished: ReadonlySet<string> = new Set(["open refused", "refused open"]);

const parts = ["method", "target", "status", "reason", "version", "fields", "keepsAlive"] as const;

function differenceAt(
  index: number,
  penstock: Reading,
  node: Reading,
): Divergence["what"] | undefined {
  const ours = penstock.messages[index];
  const theirs = node.messages[index];
  if (ours === undefined) return penstock.end === "refused" ? "penstock refuses" : "end";
  if (theirs === undefined) return node.end === "refused" ? "node refuses" : "end";
  const part = parts.find((part) => !isSame(ours[part], theirs[part]));
  if (part !== undefined) return part;
  if (ours.isComplete && theirs.isComplete) {
    if (ours.body !== theirs.body) return "body";
    return isSame(ours.trailers, theirs.trailers) ? undefined : "trailers";
  }
  return differenceOfUnfinished({ index, ours, theirs, penstock, node });
}

interface Unfinished {
  readonly index: number;
  readonly ours: Message;
  readonly theirs: Message;
  readonly penstock: Reading;
  readonly node: Reading;
}

/** At least one of the two has not taken the whole message. */
function differenceOfUnfinished({
  index,
  ours,
  theirs,
  penstock,
  node,
}: Unfinished): Divergence["what"] | undefined {
  const oursIsRefused =
    penstock.end === "refused" && index === penstock.messages.length - 1 && !ours.isComplete;
  const theirsIsRefused =
    node.end === "refused" && index === node.messages.length - 1 && !theirs.isComplete;
  if (oursIsRefused && theirsIsRefused) return undefined;
  if (oursIsRefused) return "penstock refuses";
  if (theirsIsRefused) return "node refuses";
  return ours.body === theirs.body && ours.isComplete === theirs.isComplete ? undefined : "body";
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === "object" && isDeepStrictEqual(one, other));
}
