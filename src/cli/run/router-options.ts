import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import type { HealthOptions, RouterLimits, RouterOptions } from "../../router/mod.ts";
import type { RouterFlags } from "../commands/router-flags.ts";
import { apiKeySource } from "./api-key-source.ts";
import { certificateFiles } from "./certificate-files.ts";
import { routerRanks } from "./router-ranks.ts";

/** How often a rank that is not up is asked: a fresh deployment answers that much after its last rank is ready. */
const downIntervalMs = 200;

/** What the router is started with besides its logger. */
export type RouterSettings = Omit<RouterOptions, "logger">;

/**
 * What the flags ask for.
 *
 * @throws PenstockError COMMAND_INVALID for flags that do not go together, with all of their mistakes
 */
export function routerOptions(
  flags: RouterFlags,
  env: Readonly<Record<string, string | undefined>> | undefined,
): RouterSettings {
  const [listening, ranks, tls] = readAll(
    () => listeningOf(flags),
    () => routerRanks(flags),
    () => certificateFiles(flags),
  );
  return {
    ...listening,
    ranks,
    tls,
    apiKeys: apiKeySource(flags.apiKeyFile, env),
    policy: flags.policy,
    ...(flags.sessionHeader !== undefined && { sessionHeaders: flags.sessionHeader }),
    sessionsDirectory: flags.sessionsDir,
    allowedOrigins: flags.allowedOrigins,
    adminUds: flags.adminUds,
    accessLog: flags.accessLog,
    limits: limitsOf(flags),
    health: healthOf(flags),
  };
}

function listeningOf(
  flags: RouterFlags,
): Pick<RouterSettings, "host" | "port" | "uds" | "threads"> {
  const { host = "127.0.0.1", port = 8000, uds, threads = 1 } = flags;
  if (uds === undefined) return { host, port, threads };
  const reasons = [
    ...(flags.host === undefined ? [] : [`--host ${host} does not go with --uds`]),
    ...(flags.port === undefined ? [] : [`--port ${port} does not go with --uds`]),
    ...(threads === 1
      ? []
      : [`--threads ${threads} does not go with --uds: a Unix socket has one listener`]),
    ...(flags.adminUds === uds ? ["--admin-uds and --uds name the same socket"] : []),
  ];
  if (reasons.length > 0) throw invalid(reasons);
  return { host, port, uds, threads };
}

function limitsOf(flags: RouterFlags): Partial<RouterLimits> {
  return given<RouterLimits>({
    connectionsMax: flags.maxConnections,
    requestsInFlightMax: flags.maxConcurrentRequests,
    queueDepthMax: flags.queueSize,
    queueMsMax: inMs(flags.queueTimeoutSecs),
    bodyBytesMax: flags.maxPayloadSize,
    rankSilenceMsMax: inMs(flags.rankSilenceTimeoutSecs),
    drainMsMax: inMs(flags.drainTimeoutSecs),
  });
}

function healthOf(flags: RouterFlags): Partial<HealthOptions> {
  const asked = given<HealthOptions>({
    upIntervalMs: inMs(flags.healthCheckIntervalSecs),
    timeoutMs: inMs(flags.healthCheckTimeoutSecs),
    failuresMax: flags.healthFailureThreshold,
  });
  return { downIntervalMs, ...asked };
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

/** What has a value: what has none keeps its default. */
function given<T>(values: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

type Values<Readers extends readonly (() => unknown)[]> = {
  readonly [I in keyof Readers]: ReturnType<Readers[I]>;
};

/** What all of them read, or the reasons of all that refuse in one error. */
function readAll<const Readers extends readonly (() => unknown)[]>(
  ...readers: Readers
): Values<Readers> {
  const reasons: string[] = [];
  const values = readers.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!isPenstockError(error) || error.code !== "COMMAND_INVALID") throw error;
      reasons.push((error as PenstockError<"COMMAND_INVALID">).facts.reason);
      return undefined;
    }
  });
  if (reasons.length > 0) throw invalid(reasons);
  return values as Values<Readers>;
}

function invalid(reasons: readonly string[]): PenstockError {
  return new PenstockError("COMMAND_INVALID", { reason: reasons.join("; ") });
}
