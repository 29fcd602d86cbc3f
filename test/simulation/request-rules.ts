import { safePaths } from "./request-plan.ts";
import type { RequestRecord, World } from "./world.ts";

/** What a run holds for its requests. */
export interface RunTraits {
  /** Machines failed, or ranks came and left. */
  readonly hasRankFaults: boolean;
  /** Prompts are computed by other ranks than answers. */
  readonly isApart: boolean;
}

/** Until a rank must have heard that its client left: the router reads at most so late. */
const leavingMs = 6_000;
/** What the router keeps of a body for another attempt, less its framing. */
const keptBytes = 3_000;
/** The budget of retries without any requests, and what each request adds. */
const retriesAlways = 10;
const retryShare = 0.2;
/** A little less than the budget's window, whose edges are whole seconds. */
const retryWindowMs = 9_000;

/** All that must hold of one request once all clients have ended. */
export function checkRequest(world: World, record: RequestRecord, traits: RunTraits): void {
  const { plan, executions, sentAtMs, attempts, outcome } = record;
  const violate = (invariant: string, detail: string) => world.violate(invariant, detail, plan.id);
  if (outcome === undefined) violate("no request starves", "it has no end");
  const isUntouched = record.faults.length === 0 && !world.wasDisturbed(record);
  const served = executions.filter(({ leg }) => leg !== "prefill");
  if (!isSafe(record) && isUntouched && record.returnCount === 0 && served.length > 1) {
    violate("what is not safe to repeat is done once", `${served.length} times`);
  }
  if (!isSafe(record) && record.returnCount === 0) checkOnce(violate, record);
  const doneCount = served.filter(({ state }) => state === "done").length;
  if (isUntouched && doneCount > 1) violate("nothing is done twice", `${doneCount} ranks did it`);
  if (sentAtMs >= world.drainBeganAtMs && attempts.length > 0) {
    violate("a router that drains takes nothing", "it was sent on");
  }
  if (outcome === "vanished" && !world.wasDisturbed(record)) checkLeaving(world, record);
  if (!traits.hasRankFaults) checkRescue(world, record, traits);
}

function isSafe({ plan }: RequestRecord): boolean {
  return plan.method === "GET" || safePaths.has(plan.path);
}

/** Whatever ranks did: what one of them has begun on is not begun by another. */
function checkOnce(
  violate: (invariant: string, detail: string) => void,
  { executions }: RequestRecord,
): void {
  if (executions.length > 1) {
    violate("what is not safe to repeat is done once", `${executions.length} times`);
  }
}

/** A client that leaves is felt by whoever works for it, unless so much of what it sent is unread that nobody listens. */
function checkLeaving(world: World, record: RequestRecord): void {
  const { plan, endedAtMs, executions, wasLostWithOthers } = record;
  const isFelt = executions.every((execution) => execution.endedAtMs <= endedAtMs + leavingMs);
  const hadTime = world.queue.nowMs > endedAtMs + leavingMs;
  if (isFelt || !hadTime || wasLostWithOthers) return;
  world.violate("a client that leaves is felt by its ranks", "one worked on", plan.id);
}

/** One fault before the first byte of an answer costs a short, safe request nothing. */
function checkRescue(world: World, record: RequestRecord, { isApart }: RunTraits): void {
  const { plan, faults, outcome } = record;
  const [fault] = faults;
  const isEarly = faults.length === 1 && /^(reset|end) at the beginning$/.test(fault!);
  const isEasy = isSafe(record) && plan.promptBytes < keptBytes && !plan.isChunked && !isApart;
  const isExpected =
    outcome === "whole" || outcome === "vanished" || record.isDawdling || record.wasLostWithOthers;
  if (!isEarly || !isEasy || isExpected || world.isTight) return;
  if (world.queue.nowMs >= world.drainBeganAtMs || retryTimes(world).length > retriesAlways) return;
  world.violate("a fault before the answer costs nothing", `it has ${outcome}`, plan.id);
}

/** When requests were tried again, stale connections aside. */
function retryTimes(world: World): readonly number[] {
  const times: number[] = [];
  for (const { attempts, returnCount } of world.records.values()) {
    if (returnCount > 0) continue;
    for (let index = 1; index < attempts.length; index++) {
      const before = attempts[index - 1]!;
      const after = attempts[index]!;
      if (before.role !== after.role) continue; // From the prompt to the answer.
      const wasStale = before.isReused && !after.isReused && before.rank === after.rank;
      if (!wasStale) times.push(after.atMs);
    }
  }
  return times.sort((one, other) => one - other);
}

/** Retries stay within their share of the requests. */
export function checkRetries(world: World): void {
  const times = retryTimes(world);
  const allowed = Math.ceil(retriesAlways + retryShare * world.records.size);
  for (const [index, timeMs] of times.entries()) {
    const since = times.findIndex((other) => other > timeMs - retryWindowMs);
    const count = index - since + 1;
    if (count <= allowed) continue;
    return world.violate("retries keep to their budget", `${count} in ${retryWindowMs} ms`);
  }
}
