import { urlOf } from "../base/mod.ts";
import type { Logger } from "../telemetry/mod.ts";
import { Front } from "./accept/front.ts";
import { compilePolicy } from "./choose/compile-policy.ts";
import type { PolicyName } from "./choose/policy.ts";
import { compileSessionKey, defaultSessionHeaders } from "./choose/session-key.ts";
import { Deadlines } from "./deadlines.ts";
import { defaultRouterLimits, type RouterLimits } from "./limits.ts";
import { RouterMetrics } from "./metrics.ts";
import { defaultHealthOptions, HealthChecks, type HealthOptions } from "./ranks/health-checks.ts";
import { RankPool } from "./ranks/rank-pool.ts";
import { type RankStatus, RankTable } from "./ranks/rank-table.ts";
import type { ExchangeContext } from "./relay/exchange.ts";
import { RequestDesk } from "./request-desk.ts";

export interface RouterOptions {
  /** An address of this machine. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The rank servers, each an http URL without a path. The index is a rank's identity for its sessions. */
  readonly ranks: readonly { readonly index: number; readonly url: string }[];
  readonly policy: PolicyName;
  /** Headers that name a session, best first. Default: {@linkcode defaultSessionHeaders}. */
  readonly sessionHeaders?: readonly string[];
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
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID
 *
 * @example
 * const router = await startRouter({
 *   host: "127.0.0.1", port: 8000, policy: "consistent_hash", logger,
 *   ranks: [{ index: 0, url: "http://127.0.0.1:8100" }],
 * });
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const context = makeContext(options);
  const desk = new RequestDesk(context);
  const front = new Front(desk, (reason) => {
    options.logger.error("Cannot accept connections", { reason });
  });
  const stop = () => {
    context.health.close();
    for (const pool of context.pools) pool.close();
    context.deadlines.close();
  };
  try {
    const { host, port } = await front.listen(options.host, options.port);
    context.health.start();
    let closing: Promise<void> | undefined;
    return {
      url: urlOf(host, port),
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

function makeContext(options: RouterOptions): ExchangeContext {
  const { logger } = options;
  const limits: RouterLimits = Object.freeze({ ...defaultRouterLimits, ...options.limits });
  const table = new RankTable(options.ranks);
  const deadlines = new Deadlines(limits.tickMs);
  const sessionKey = compileSessionKey(options.sessionHeaders ?? defaultSessionHeaders);
  const indexes = table.addresses.map(({ index }) => index);
  const policy = compilePolicy(options.policy, indexes);
  return {
    limits,
    deadlines,
    table,
    pools: table.addresses.map((address) => new RankPool(address, limits, deadlines)),
    health: new HealthChecks(table, { ...defaultHealthOptions, ...options.health }, logger),
    metrics: new RouterMetrics(table),
    choose: (head) => policy(sessionKey(head.headers), table),
    onBroken: (slot, requestId, reason) =>
      logger.warning("Response broke off", { rank: indexes[slot], requestId, reason }),
  };
}
