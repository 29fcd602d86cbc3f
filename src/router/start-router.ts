import { urlOf } from "../base/mod.ts";
import type { Logger } from "../telemetry/mod.ts";
import { Front } from "./accept/front.ts";
import type { ListenAddress } from "./accept/listen.ts";
import type { PolicyName } from "./choose/policy.ts";
import { Certificate } from "./guard/certificate.ts";
import { type ApiKeySource, KeyGuard } from "./guard/key-guard.ts";
import type { CertificateFiles } from "./guard/read-certificate.ts";
import { defaultRouterLimits, type RouterLimits } from "./limits.ts";
import { type Cancel, systemClock } from "./net/clock.ts";
import { nodeNetwork } from "./net/node-network.ts";
import { AccessLog } from "./observe/access-log.ts";
import { watchLoopLag } from "./observe/loop-lag.ts";
import type { HealthOptions } from "./ranks/health-checks.ts";
import type { RankOption, RankStatus } from "./ranks/rank-table.ts";
import { makeRouterCore, type RouterCore } from "./router-core.ts";
import { rankNamesOf } from "./sessions/rank-names.ts";
import { SessionStore } from "./sessions/session-store.ts";

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
  /** File that gets a JSON line for each request; "-" for standard output. Default: none. */
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
  /** Where clients of this machine reach it, without a path; for a Unix socket its path behind `unix:`. */
  readonly url: string;
  /** Undefined for a Unix socket. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
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
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_CANNOT_LISTEN_ON_SOCKET, ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID, ROUTER_API_KEYS_UNUSABLE,
 * ROUTER_CERTIFICATE_UNUSABLE, ROUTER_SESSIONS_UNUSABLE, ROUTER_ACCESS_LOG_UNUSABLE
 *
 * @example
 * const router = await startRouter({
 *   host: "127.0.0.1", port: 8000, policy: "consistent_hash", logger,
 *   ranks: [{ index: 0, url: "http://127.0.0.1:8100" }],
 * });
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { logger, apiKeys, tls } = options;
  const intervalMs = options.limits?.fileCheckMs ?? defaultRouterLimits.fileCheckMs;
  const guard = apiKeys && (await KeyGuard.open(apiKeys, { intervalMs, logger }));
  let certificate: Certificate | undefined;
  let accessLog: AccessLog | undefined;
  let core: RouterCore | undefined;
  let sessions: SessionStore | undefined;
  let stopWatching: Cancel | undefined;
  const stop = async () => {
    guard?.close();
    certificate?.close();
    core?.close();
    stopWatching?.();
    await sessions?.close();
    await accessLog?.close();
  };
  try {
    accessLog = await openAccessLog(options);
    const keepsSessionChanges = options.sessionsDirectory !== undefined;
    const real = { guard, accessLog, clock: systemClock, network: nodeNetwork };
    const sessionStoreDrops = () => sessions?.droppedCount ?? 0;
    core = makeRouterCore({ ...options, ...real, keepsSessionChanges, sessionStoreDrops });
    stopWatching = watchLoopLag(systemClock, core.context.metrics.loopLagSeconds);
    sessions = await openSessions(core, options);
    certificate = tls && (await Certificate.open(tls, { intervalMs, logger }));
    const front = openFront(core, { logger, certificate });
    const { uds, host, port } = options;
    const address = await front.listen(uds === undefined ? { host, port } : { uds });
    core.checks.start();
    const scheme = certificate === undefined ? "http" : "https";
    const url = address === undefined ? `unix:${uds}` : urlOf(address.host, address.port, scheme);
    return routerOf(core, { front, address, url, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Undefined where the policy remembers no sessions, or nobody wants them saved. */
async function openSessions(
  { sessionTables, context: { table, clock } }: RouterCore,
  { sessionsDirectory: directory, logger }: RouterOptions,
): Promise<SessionStore | undefined> {
  if (directory === undefined || sessionTables.size === 0) return undefined;
  const wallMs = () => Date.now();
  const ranks = rankNamesOf(table);
  return SessionStore.open({ directory, tables: sessionTables, ranks, clock, wallMs, logger });
}

async function openAccessLog({ accessLog, logger }: RouterOptions): Promise<AccessLog | undefined> {
  if (accessLog === undefined) return undefined;
  const epochMs = () => Date.now() - systemClock.nowMs();
  return AccessLog.open(accessLog, { clock: systemClock, epochMs, logger });
}

function openFront(
  { desk, clients, context: { limits } }: RouterCore,
  {
    logger,
    certificate,
  }: { readonly logger: Logger; readonly certificate?: Certificate | undefined },
): Front {
  return new Front(clients, {
    limits,
    certificate,
    onAcceptError: (reason) => logger.error("Cannot accept connections", { reason }),
    onDropped: () => desk.onRefused(503),
  });
}

interface OpenRouter {
  readonly front: Front;
  readonly url: string;
  readonly address: ListenAddress | undefined;
  readonly stop: () => Promise<void>;
}

function routerOf({ desk, context }: RouterCore, open: OpenRouter): Router {
  const { front, url, address, stop } = open;
  const drainAndStop = async () => {
    try {
      await front.drain(context.limits.drainMsMax);
    } finally {
      await stop();
    }
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    address,
    status: () => context.table.status(),
    close: () => {
      desk.drain();
      closing ??= drainAndStop();
      return closing;
    },
  };
}
