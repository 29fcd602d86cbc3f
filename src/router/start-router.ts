import { randomInt } from "node:crypto";
import { urlOf } from "../base/mod.ts";
import type { Logger } from "../telemetry/mod.ts";
import { Clients } from "./accept/clients.ts";
import { Front } from "./accept/front.ts";
import { compileFinishedSession } from "./choose/finished-session.ts";
import type { PolicyName, PolicyOptions } from "./choose/policy.ts";
import { seededRandom } from "./choose/seeded-random.ts";
import { compileSessionKey, defaultSessionHeaders } from "./choose/session-key.ts";
import { Deadlines } from "./deadlines.ts";
import { ByteBudget } from "./handoff/byte-budget.ts";
import { Certificate } from "./guard/certificate.ts";
import { type ApiKeySource, KeyGuard } from "./guard/key-guard.ts";
import type { CertificateFiles } from "./guard/read-certificate.ts";
import type { HandOffContext } from "./handoff/hand-off-context.ts";
import { defaultRouterLimits, type RouterLimits } from "./limits.ts";
import { RouterMetrics } from "./metrics.ts";
import { systemClock } from "./net/clock.ts";
import { nodeNetwork } from "./net/node-network.ts";
import { defaultHealthOptions, HealthChecks, type HealthOptions } from "./ranks/health-checks.ts";
import { RankGroup } from "./ranks/rank-group.ts";
import { RankPool } from "./ranks/rank-pool.ts";
import { type RankOption, type RankStatus, RankTable } from "./ranks/rank-table.ts";
import type { RelayContext } from "./relay/relay-context.ts";
import { RequestDesk } from "./request-desk.ts";

export interface RouterOptions {
  /** An address of this machine. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Path of a Unix socket to listen on in place of host and port. */
  readonly uds?: string | undefined;
  /** Threads that share the port, each with an event loop of its own. Default 1. */
  readonly threads?: number | undefined;
  /** Browsers' origins that may ask; "*" for any. Default: none, and no CORS headers. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Path of a Unix socket for the admin routes (adding, draining and removing ranks). Default: none. */
  readonly adminUds?: string | undefined;
  /** File that gets a JSON line for each request. Default: none. */
  readonly accessLog?: string | undefined;
  /** Directory where session placements outlive the router. Default: none. */
  readonly sessionsDirectory?: string | undefined;
  /**
   * The rank servers. Where they are prefill and decode ranks, prompts of completions and chats are computed by the
   * first and handed over to the second; all else goes to decode ranks.
   */
  readonly ranks: readonly RankOption[];
  readonly policy: PolicyName;
  /** 32 bits that decide what `power_of_two` draws. Default: any, so that routers beside each other draw differently. */
  readonly seed?: number;
  /** Headers that name a session, best first. Default: {@linkcode defaultSessionHeaders}. */
  readonly sessionHeaders?: readonly string[];
  /** Where the keys of clients are; without it everybody who reaches the port may use it. */
  readonly apiKeys?: ApiKeySource | undefined;
  /** With them, clients speak TLS. */
  readonly tls?: CertificateFiles | undefined;
  readonly logger: Logger;
  readonly limits?: Partial<RouterLimits>;
  readonly health?: Partial<HealthOptions>;
}

export interface Router {
  /** Where clients of this machine reach it, without a path. */
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  /** Load and health of all ranks at this moment. */
  status(): readonly RankStatus[];
  /**
   * Drains and stops: readiness goes first and new requests get 503, running ones finish within drainMsMax, then
   * what is left is cut. Further calls give the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts a router in front of rank servers. It listens at once and says 503 with the reason until a rank is ready.
 *
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID, ROUTER_API_KEYS_UNUSABLE,
 * ROUTER_CERTIFICATE_UNUSABLE
 *
 * @example
 * const router = await startRouter({
 *   host: "127.0.0.1", port: 8000, policy: "consistent_hash", logger,
 *   ranks: [{ index: 0, url: "http://127.0.0.1:8100" }],
 * });
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const policy = policyOf(options);
  const context = makeContext(options, policy);
  let guard: KeyGuard | undefined;
  let certificate: Certificate | undefined;
  const stop = () => {
    guard?.close();
    certificate?.close();
    context.health.close();
    for (const pool of context.pools) pool.close();
    context.deadlines.close();
  };
  try {
    guard = await openGuard(context, options);
    const handOff = makeHandOff(context, policy, options.logger);
    const desk = new RequestDesk(context, { handOff, guard });
    certificate = await openCertificate(context, options);
    const onAcceptError = (reason: string) =>
      options.logger.error("Cannot accept connections", { reason });
    const clients = new Clients(desk, context.clock);
    const onDropped = () => desk.onRefused(503);
    const { limits } = context;
    const front = new Front(clients, { limits, onAcceptError, onDropped, certificate });
    const { host, port } = await front.listen(options.host, options.port);
    context.health.start();
    let closing: Promise<void> | undefined;
    return {
      url: urlOf(host, port, certificate === undefined ? "http" : "https"),
      address: { host, port },
      status: () => context.table.status(),
      close: () => {
        desk.isDraining = true;
        closing ??= front.drain(context.limits.drainMsMax).finally(stop);
        return closing;
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function limitsOf({ limits }: RouterOptions): RouterLimits {
  return Object.freeze({ ...defaultRouterLimits, ...limits });
}

function policyOf(options: RouterOptions): PolicyOptions {
  const { sessionsMax, sessionIdleMsMax } = limitsOf(options);
  return {
    name: options.policy,
    random: seededRandom(options.seed ?? randomInt(2 ** 32)),
    clock: () => systemClock.nowMs(),
    sessionsMax,
    sessionIdleMsMax,
  };
}

function makeContext(options: RouterOptions, policy: PolicyOptions): RelayContext {
  const { logger, sessionHeaders = defaultSessionHeaders } = options;
  const limits = limitsOf(options);
  const table = new RankTable(options.ranks);
  const deadlines = new Deadlines(limits.tickMs, systemClock);
  const isApart = table.roles.includes("decode");
  return {
    limits,
    clock: systemClock,
    deadlines,
    table,
    pools: table.addresses.map(
      (address) => new RankPool(nodeNetwork, address, { limits, deadlines }),
    ),
    health: new HealthChecks(table, { ...defaultHealthOptions, ...options.health }, logger),
    metrics: new RouterMetrics(table),
    servers: new RankGroup(table, isApart ? "decode" : "both", policy),
    sessionKey: compileSessionKey(sessionHeaders),
    finishedSession: compileFinishedSession(sessionHeaders),
    onBroken: (slot, requestId, reason) =>
      logger.warning("Response broke off", {
        rank: table.addresses[slot]!.index,
        requestId,
        reason,
      }),
  };
}

async function openGuard(
  { limits }: RelayContext,
  { apiKeys, logger }: RouterOptions,
): Promise<KeyGuard | undefined> {
  if (apiKeys === undefined) return undefined;
  return KeyGuard.open(apiKeys, { intervalMs: limits.fileCheckMs, logger });
}

async function openCertificate(
  { limits }: RelayContext,
  { tls, logger }: RouterOptions,
): Promise<Certificate | undefined> {
  if (tls === undefined) return undefined;
  return Certificate.open(tls, { intervalMs: limits.fileCheckMs, logger });
}

function makeHandOff(
  context: RelayContext,
  policy: PolicyOptions,
  logger: Logger,
): HandOffContext | undefined {
  const { table, limits } = context;
  if (!table.roles.includes("prefill")) return undefined;
  const prefill = new RankGroup(table, "prefill", policy);
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
