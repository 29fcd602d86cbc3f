import { randomInt } from "node:crypto";
import type { Logger } from "../telemetry/mod.ts";
import { Clients } from "./accept/clients.ts";
import { compileFinishedSession } from "./choose/finished-session.ts";
import type { PolicyName, PolicyOptions } from "./choose/policy.ts";
import { seededRandom } from "./choose/seeded-random.ts";
import type { SessionTable } from "./choose/session-table.ts";
import { defaultSessionHeaders, SessionKeys } from "./choose/session-key.ts";
import { Deadlines } from "./deadlines.ts";
import { Cors } from "./guard/cors.ts";
import type { KeyGuard } from "./guard/key-guard.ts";
import { ByteBudget } from "./handoff/byte-budget.ts";
import type { HandOffContext } from "./handoff/hand-off-context.ts";
import { defaultRouterLimits, type RouterLimits } from "./limits.ts";
import type { Clock } from "./net/clock.ts";
import type { Network } from "./net/network.ts";
import type { AccessLog } from "./observe/access-log.ts";
import { Observer } from "./observe/observer.ts";
import { rankFigures } from "./observe/rank-figures.ts";
import { RouterMetrics } from "./observe/router-metrics.ts";
import { defaultHealthOptions, HealthChecks, type HealthOptions } from "./ranks/health-checks.ts";
import { type HealthReport, HealthReports } from "./ranks/health-report.ts";
import { Membership } from "./ranks/membership.ts";
import { probeOver } from "./ranks/probe-rank.ts";
import { RankGroup } from "./ranks/rank-group.ts";
import { RankMemory } from "./ranks/rank-memory.ts";
import type { RankChange } from "./ranks/rank-change.ts";
import { RankPool } from "./ranks/rank-pool.ts";
import { keepPools } from "./ranks/rank-pools.ts";
import { type RankOption, type RankRole, RankTable } from "./ranks/rank-table.ts";
import { RetryBudget } from "./ranks/retry-budget.ts";
import type { RelayContext } from "./relay/relay-context.ts";
import { RequestDesk } from "./request-desk.ts";

/** What all threads of a router have together. Can be sent to them. */
export interface SharedMemory {
  readonly ranks: SharedArrayBuffer;
  readonly retries: SharedArrayBuffer;
  /** By the role of the ranks; empty where the policy remembers no sessions. */
  readonly sessions: ReadonlyMap<RankRole, SharedArrayBuffer>;
}

/** What makes a core another thread of a router. */
export interface ThreadPart {
  readonly shared: SharedMemory;
  /** Where the first thread's table was when the thread began; those that come go to its table. */
  readonly changes: readonly RankChange[];
  /** Tells the first thread, which decides on health. */
  readonly report: (report: HealthReport) => void;
}

export interface RouterCoreOptions {
  readonly ranks: readonly RankOption[];
  readonly policy: PolicyName;
  readonly seed?: number | undefined;
  readonly sessionHeaders?: readonly string[] | undefined;
  /** Whether changes of sessions are kept for who saves them. */
  readonly keepsSessionChanges?: boolean | undefined;
  readonly guard?: KeyGuard | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly accessLog?: AccessLog | undefined;
  /** Changes of sessions that did not come to disk, so far. */
  readonly sessionStoreDrops?: (() => number) | undefined;
  readonly logger: Logger;
  readonly limits?: Partial<RouterLimits> | undefined;
  readonly health?: Partial<HealthOptions> | undefined;
  readonly clock: Clock;
  readonly network: Network;
  /** Set in threads beside the first. */
  readonly thread?: ThreadPart | undefined;
  /** Asks for the metrics of all threads as text. Without it the core is alone. */
  readonly expose?: ((onText: (text: string) => void) => void) | undefined;
}

/** Everything between a client's connection and a rank's, without a socket, a file or a clock of its own. */
export interface RouterCore {
  readonly context: RelayContext;
  readonly desk: RequestDesk;
  readonly checks: HealthChecks;
  /** Ranks come and go by it. */
  readonly membership: Membership;
  /** Where sessions are, by the role of their ranks; empty where the policy does not remember it. */
  readonly sessionTables: ReadonlyMap<RankRole, SessionTable>;
  readonly shared: SharedMemory;
  /** Takes the connections of clients. */
  readonly clients: Clients;
  /** Ends all timers and connections to ranks. */
  close(): void;
}

/** @throws PenstockError ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID */
export function makeRouterCore(options: RouterCoreOptions): RouterCore {
  const limits = Object.freeze({ ...defaultRouterLimits, ...options.limits });
  const policy = policyOf(options, limits);
  const { clock, network, logger, thread } = options;
  const table =
    thread === undefined
      ? new RankTable(options.ranks)
      : new RankTable(thread, new RankMemory(thread.shared.ranks));
  const checks = new HealthChecks(
    table,
    { ...defaultHealthOptions, ...options.health },
    { clock, logger, random: policy.random, probe: probeOver(network, clock) },
  );
  const health = new HealthReports(table, thread?.report ?? ((report) => checks.take(report)));
  const metrics: RouterMetrics = new RouterMetrics({
    ranks: () => rankFigures(table),
    connectionCount: () => clients.count,
    accessLogDrops: options.accessLog?.drops,
    sessionStoreDrops: options.sessionStoreDrops,
  });
  const context = makeContext(options, { limits, policy, table, health, metrics });
  const { rankLeaveMsMax } = limits;
  const membership = new Membership(table, { clock, logger, rankLeaveMsMax });
  const handOff = makeHandOff(context, policy, options);
  const { guard, allowedOrigins = [] } = options;
  const cors = allowedOrigins.length === 0 ? undefined : new Cors(allowedOrigins);
  const desk = new RequestDesk(context, { handOff, guard, cors, expose: options.expose });
  const sessionTables = sessionTablesOf([context.servers, handOff?.prefill]);
  const clients = new Clients(desk, context.clock);
  return {
    context,
    desk,
    checks,
    membership,
    sessionTables,
    shared: {
      ranks: table.memory.buffer,
      retries: context.retryBudget.buffer,
      sessions: new Map([...sessionTables].map(([role, { memory }]) => [role, memory])),
    },
    clients,
    close: () => {
      checks.close();
      membership.close();
      for (const pool of context.pools) pool.close();
      context.deadlines.close();
    },
  };
}

function policyOf(
  { policy, seed, clock, keepsSessionChanges = false }: RouterCoreOptions,
  { sessionsMax, sessionIdleMsMax }: RouterLimits,
): PolicyOptions {
  return {
    name: policy,
    random: seededRandom(seed ?? randomInt(2 ** 32)),
    clock: () => clock.nowMs(),
    sessionsMax,
    sessionIdleMsMax,
    sessionChangesMax: keepsSessionChanges ? sessionChangesMax : 0,
  };
}

/** Between two times that they are saved; where there are more, all sessions are. */
const sessionChangesMax = 16_384;

function sessionTablesOf(
  groups: readonly (RankGroup | undefined)[],
): ReadonlyMap<RankRole, SessionTable> {
  const tables = new Map<RankRole, SessionTable>();
  for (const group of groups) {
    if (group?.sessions !== undefined) tables.set(group.role, group.sessions);
  }
  return tables;
}

interface ContextParts {
  readonly limits: RouterLimits;
  readonly policy: PolicyOptions;
  readonly table: RankTable;
  readonly health: HealthReports;
  readonly metrics: RouterMetrics;
}

function makeContext(
  options: RouterCoreOptions,
  { limits, policy, table, health, metrics }: ContextParts,
): RelayContext {
  const { clock, network, logger, accessLog, sessionHeaders = defaultSessionHeaders } = options;
  const deadlines = new Deadlines(limits.tickMs, clock);
  const role = table.roles.includes("decode") ? "decode" : "both";
  return {
    limits,
    clock,
    deadlines,
    table,
    pools: keepPools(table, (address) => new RankPool(network, address, { limits, deadlines })),
    health,
    retryBudget: new RetryBudget(clock, options.thread?.shared.retries),
    observer: new Observer({ clock, metrics, accessLog }),
    metrics,
    heldBudget: new ByteBudget(limits.heldBytesMax),
    servers: new RankGroup(table, role, {
      ...policy,
      sessionMemory: options.thread?.shared.sessions.get(role),
    }),
    sessionKeys: new SessionKeys({
      policy: policy.name,
      sessionHeaders,
      bodyByteCountMax: limits.sessionBodyBytesMax,
    }),
    finishedSession: compileFinishedSession(sessionHeaders),
    onBroken: (slot, requestId, reason) =>
      logger.warning("Response broke off", {
        rank: table.addresses[slot]!.index,
        requestId,
        reason,
      }),
  };
}

function makeHandOff(
  context: RelayContext,
  policy: PolicyOptions,
  { logger, thread }: RouterCoreOptions,
): HandOffContext | undefined {
  const { table, limits } = context;
  if (!table.roles.includes("prefill")) return undefined;
  const sessionMemory = thread?.shared.sessions.get("prefill");
  const prefill = new RankGroup(table, "prefill", { ...policy, sessionMemory });
  watchPrefill(table, prefill, logger);
  return {
    ...context,
    prefill,
    bodyBudget: new ByteBudget(limits.handOffBytesMax),
    onPrefillFailed: (slot, requestId, reason) =>
      logger.warning("Prefill failed", { rank: table.addresses[slot]!.index, requestId, reason }),
  };
}

/** Tells once when the last prefill rank goes: answers stay right, but decode ranks compute the prompts. */
function watchPrefill(table: RankTable, prefill: RankGroup, logger: Logger): void {
  let hadSome = false;
  table.watchers.add({
    onRankSign: () => {
      const hasSome = prefill.livingCount > 0;
      if (hadSome && !hasSome)
        logger.warning("No prefill rank is up: decode ranks compute prompts");
      hadSome = hasSome;
    },
  });
}
