import type { Logger } from "../telemetry/mod.ts";
import { type AdminServer, startAdminServer } from "./admin/admin-server.ts";
import { RankAdmin } from "./admin/rank-admin.ts";
import type { PolicyName } from "./choose/policy.ts";
import type { ApiKeySource } from "./guard/key-guard.ts";
import type { CertificateFiles } from "./guard/read-certificate.ts";
import { defaultRouterLimits, type RouterLimits } from "./limits.ts";
import { type DoorOptions, type Doors, openDoors } from "./open-doors.ts";
import type { HealthOptions } from "./ranks/health-checks.ts";
import type { RankOption, RankStatus } from "./ranks/rank-table.ts";
import type { RouterCore } from "./router-core.ts";
import { rankNamesOf } from "./sessions/rank-names.ts";
import { SessionStore } from "./sessions/session-store.ts";
import { OtherThreads } from "./threads/other-threads.ts";
import { limitsOfThread, type ThreadSetting } from "./threads/thread-setting.ts";

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
  readonly sessionHeaders?: readonly string[] | undefined;
  /** Where the keys of clients are; without it everybody who reaches the port may use it. */
  readonly apiKeys?: ApiKeySource | undefined;
  /** With them, clients speak TLS. */
  readonly tls?: CertificateFiles | undefined;
  readonly logger: Logger;
  readonly limits?: Partial<RouterLimits> | undefined;
  readonly health?: Partial<HealthOptions> | undefined;
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
 * With sessions from a directory it listens when each rank was probed once.
 *
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_CANNOT_LISTEN_ON_SOCKET, ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID, ROUTER_API_KEYS_UNUSABLE,
 * ROUTER_CERTIFICATE_UNUSABLE, ROUTER_SESSIONS_UNUSABLE, ROUTER_ACCESS_LOG_UNUSABLE, ROUTER_THREAD_FAILED
 *
 * @example
 * const router = await startRouter({
 *   host: "127.0.0.1", port: 8000, policy: "consistent_hash", logger,
 *   ranks: [{ index: 0, url: "http://127.0.0.1:8100" }],
 * });
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { threads = 1 } = options;
  const limits = { ...defaultRouterLimits, ...options.limits };
  const first = {
    ...options,
    limits: limitsOfThread(limits, threads),
    isShared: threads > 1,
    keepsSessionChanges: options.sessionsDirectory !== undefined,
    sessionStoreDrops: () => sessions?.droppedCount ?? 0,
  };
  let sessions: SessionStore | undefined;
  let others: OtherThreads | undefined;
  let admin: AdminServer | undefined;
  let doors: Doors | undefined;
  const onCore = async (core: RouterCore) => {
    sessions = await openSessions(core, options);
    core.checks.start();
    // Else the first requests of sessions whose rank is not known to live yet would move them to one that is.
    if (sessions !== undefined) await core.checks.probedOnce();
  };
  const exposeAll = async () => doors!.core.desk.expose((await others?.snapshots()) ?? []);
  const expose = (onText: (text: string) => void) => void exposeAll().then(onText);
  const stop = async () => {
    try {
      await Promise.all([doors?.drain(), others?.drain(), admin?.close()]);
      await Promise.all([doors?.close(), others?.close()]);
    } finally {
      await sessions?.close();
    }
  };
  try {
    doors = await openDoors(threads > 1 ? { ...first, expose } : first, onCore);
    const { core, address } = doors;
    admin = await openAdmin(core, options);
    if (address !== undefined && threads > 1) {
      others = await OtherThreads.start({
        count: threads - 1,
        setting: { options: cloneable(first), ...address, shared: core.shared },
        table: core.context.table,
        logger: options.logger,
        onReport: (report) => core.checks.take(report),
        expose: exposeAll,
        drainMsMax: limits.drainMsMax,
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const { core, url, address } = doors;
  let closing: Promise<void> | undefined;
  return {
    url,
    address,
    status: () => core.context.table.status(),
    close: () => (closing ??= stop()),
  };
}

async function openAdmin(
  { context: { table }, membership }: RouterCore,
  { adminUds }: RouterOptions,
): Promise<AdminServer | undefined> {
  if (adminUds === undefined) return undefined;
  return startAdminServer(adminUds, new RankAdmin(table, membership));
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

/** What other threads are given of the options. */
function cloneable(options: DoorOptions): ThreadSetting["options"] {
  const { policy, sessionHeaders, keepsSessionChanges } = options;
  const { apiKeys, tls, allowedOrigins, accessLog, limits, health } = options;
  return {
    policy,
    sessionHeaders,
    keepsSessionChanges,
    apiKeys,
    tls,
    allowedOrigins,
    accessLog,
    limits,
    health,
  };
}
