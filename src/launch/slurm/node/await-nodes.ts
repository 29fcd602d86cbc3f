import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../../../errors/mod.ts";
import type { Plan, ReadyCheck } from "../../../plan/mod.ts";
import { isReady } from "../../../supervise/mod.ts";

/** A node may start later than the head, as its `pre_run_command` takes longer. */
const lateStartMs = 120_000;
const pauseMs = 1_000;
const asksAtOnceMax = 64;

/** Something on another node that must answer before the deployment is ready. */
interface Awaited {
  readonly id: string;
  readonly where: string;
  readonly check: Exclude<ReadyCheck, { kind: "started" }>;
}

/**
 * Waits until every process of the other nodes is ready, seen from this one, and every client endpoint takes
 * connections. What another node asks on its own loopback is left to that node.
 *
 * @throws PenstockError NODE_UNREACHABLE for what does not answer within its time of the Plan; AbortError
 */
export async function awaitNodes(
  plan: Plan,
  own: number,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<void> {
  const startMs = Date.now();
  let open = awaited(plan, own);
  while (open.length > 0) {
    open = await stillOpen(open, signal);
    signal.throwIfAborted();
    const late = open.find(
      ({ check }) => Date.now() - startMs > (timeoutMs ?? check.timeoutMs + lateStartMs),
    );
    if (late !== undefined) throw unreachable(late, Date.now() - startMs);
    if (open.length > 0) await sleep(pauseMs, undefined, { signal });
  }
}

function awaited(plan: Plan, own: number): readonly Awaited[] {
  const others = plan.nodes.filter(({ index }) => index !== own);
  const processes = others.flatMap((node) => node.processes);
  const checks = processes.flatMap(({ id, ready }) => {
    if (ready.kind === "started") return [];
    const where = ready.kind === "port" ? `${ready.host}:${ready.port}` : ready.url;
    return isLoopback(where) ? [] : [{ id, where, check: ready }];
  });
  const longestMs = Math.max(0, ...checks.map(({ check }) => check.timeoutMs));
  const addresses = plan.endpoints.client.filter((url) => !url.startsWith(unixSocket));
  return [...checks, ...addresses.map((url) => clientCheck(url, longestMs))];
}

/** Such an endpoint is of the router's own node, which has asked its router over it already. */
const unixSocket = "unix:";

function clientCheck(url: string, timeoutMs: number): Awaited {
  const { hostname, port, protocol } = new URL(url);
  const check = {
    kind: "port",
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    timeoutMs,
  } as const;
  return { id: "the client endpoint", where: url, check };
}

function isLoopback(where: string): boolean {
  return /^(https?:\/\/)?(127\.|localhost\b|\[?::1\b)/.test(where);
}

/** Asks a few at a time: a deployment may have thousands of ranks. */
async function stillOpen(
  all: readonly Awaited[],
  signal: AbortSignal,
): Promise<readonly Awaited[]> {
  const open: Awaited[] = [];
  for (let from = 0; from < all.length; from += asksAtOnceMax) {
    const some = all.slice(from, from + asksAtOnceMax);
    const answers = await Promise.all(some.map(({ check }) => isReady(check, signal)));
    open.push(...some.filter((_, index) => !answers[index]));
  }
  return open;
}

function unreachable({ id, where }: Awaited, timeoutMs: number): PenstockError {
  return new PenstockError("NODE_UNREACHABLE", { id, where, timeoutMs });
}
