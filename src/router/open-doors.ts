import { urlOf } from "../base/mod.ts";
import { Front } from "./accept/front.ts";
import type { ListenAddress } from "./accept/listen.ts";
import { Certificate } from "./guard/certificate.ts";
import { KeyGuard } from "./guard/key-guard.ts";
import { defaultRouterLimits } from "./limits.ts";
import { type Cancel, systemClock } from "./net/clock.ts";
import { nodeNetwork } from "./net/node-network.ts";
import { AccessLog } from "./observe/access-log.ts";
import { watchLoopLag } from "./observe/loop-lag.ts";
import { makeRouterCore, type RouterCore, type ThreadPart } from "./router-core.ts";
import type { RouterOptions } from "./start-router.ts";

export interface DoorOptions extends RouterOptions {
  /** Whether changes of sessions are kept for who saves them; the same in all threads. */
  readonly keepsSessionChanges?: boolean | undefined;
  /** Changes of sessions that did not come to disk, so far. */
  readonly sessionStoreDrops?: (() => number) | undefined;
  /** Other threads of this router have the same port. */
  readonly isShared?: boolean | undefined;
  /** Set in threads beside the first. */
  readonly thread?: ThreadPart | undefined;
  /** Asks for the metrics of all threads as text. Without it the router is one thread. */
  readonly expose?: ((onText: (text: string) => void) => void) | undefined;
}

/** One thread of a router on this machine's network. */
export interface Doors {
  readonly core: RouterCore;
  /** Undefined for a Unix socket. */
  readonly address: ListenAddress | undefined;
  readonly url: string;
  /** Refuses new requests, and lets running ones end within drainMsMax. */
  drain(): Promise<void>;
  /** Drains and closes. Until then newcomers are told that the router stops, also when no request runs any more. */
  close(): Promise<void>;
}

/**
 * Puts a router together on real sockets and files, and listens.
 * @throws PenstockError ROUTER_CANNOT_LISTEN, ROUTER_CANNOT_LISTEN_ON_SOCKET, ROUTER_RANKS_INVALID, ROUTER_RANK_INVALID,
 * ROUTER_API_KEYS_UNUSABLE, ROUTER_CERTIFICATE_UNUSABLE, ROUTER_ACCESS_LOG_UNUSABLE
 */
export async function openDoors(
  options: DoorOptions,
  onCore: (core: RouterCore) => Promise<void> = async () => undefined,
): Promise<Doors> {
  const { logger, apiKeys, tls, uds, host, port, isShared } = options;
  const intervalMs = options.limits?.fileCheckMs ?? defaultRouterLimits.fileCheckMs;
  const guard = apiKeys && (await KeyGuard.open(apiKeys, { intervalMs, logger }));
  let certificate: Certificate | undefined;
  let accessLog: AccessLog | undefined;
  let core: RouterCore | undefined;
  let stopWatching: Cancel | undefined;
  const stop = async () => {
    guard?.close();
    certificate?.close();
    core?.close();
    stopWatching?.();
    await accessLog?.close();
  };
  try {
    accessLog = await openAccessLog(options);
    const real = { guard, accessLog, clock: systemClock, network: nodeNetwork };
    core = makeRouterCore({ ...options, ...real });
    stopWatching = watchLoopLag(systemClock, core.context.metrics.loopLagSeconds);
    await onCore(core);
    certificate = tls && (await Certificate.open(tls, { intervalMs, logger }));
    const front = openFront(core, { ...options, certificate });
    const address = await front.listen(uds === undefined ? { host, port, isShared } : { uds });
    const scheme = certificate === undefined ? "http" : "https";
    const url = address === undefined ? `unix:${uds}` : urlOf(address.host, address.port, scheme);
    return { core, address, url, ...ending(core, front, stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All threads write the same file, and the first one moves it away when it is full. */
async function openAccessLog({
  accessLog: path,
  logger,
  thread,
}: DoorOptions): Promise<AccessLog | undefined> {
  if (path === undefined) return undefined;
  const epochMs = () => Date.now() - systemClock.nowMs();
  const rotates = thread === undefined;
  return AccessLog.open(path, { clock: systemClock, epochMs, logger, rotates });
}

function openFront(
  { desk, clients, context: { limits } }: RouterCore,
  { logger, certificate }: Pick<DoorOptions, "logger"> & { certificate: Certificate | undefined },
): Front {
  return new Front(clients, {
    limits,
    certificate,
    onAcceptError: (reason) => logger.error("Cannot accept connections", { reason }),
    onDropped: () => desk.onRefused(503),
  });
}

function ending(
  { desk, context: { limits } }: RouterCore,
  front: Front,
  stop: () => Promise<void>,
): Pick<Doors, "drain" | "close"> {
  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const drain = () => {
    desk.drain();
    return (draining ??= front.drain(limits.drainMsMax));
  };
  const drainAndClose = async () => {
    try {
      await drain();
      await front.close();
    } finally {
      await stop();
    }
  };
  return { drain, close: () => (closing ??= drainAndClose()) };
}
