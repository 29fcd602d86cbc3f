import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type FactsOf, isPenstockError, PenstockError } from "../../errors/mod.ts";
import { findPortHolder } from "../../launch/mod.ts";
import { createLogger, type Logger, type LogLevel } from "../../telemetry/mod.ts";
import type { CliContext } from "../context.ts";

/** Longest time that a server may take to close unless it asks for more; a supervisor waits longer than this. */
const closeMsMaxDefault = 3_000;

/** From then on until the process ends, whatever still keeps it. */
const exitMsMax = 3_000;

export interface ServerOptions {
  /** The name its log lines carry. */
  readonly name: string;
  readonly logLevel: LogLevel;
  /** What it listens on; undefined where that is no port. */
  readonly port: number | undefined;
  /** Longest time that it may take to close; a supervisor has to know of more than 3 seconds. */
  readonly closeMsMax?: number;
  /** Starts it; the signal aborts when the process is told to end, also while it starts. */
  readonly start: (logger: Logger, signal: AbortSignal) => Promise<RunningServer>;
}

export interface RunningServer {
  readonly url: string;
  /** Finishes what runs, then ends. */
  close(): Promise<void>;
  /** Resolves with the cause when it dies by itself. */
  readonly died?: Promise<Error>;
}

/**
 * Runs a server as a process of its own until it is told to end: by a signal, or, under a supervisor, by the
 * end of standard input. Under a supervisor it speaks JSON lines and names a fatal cause in one of them.
 */
export async function runServer(context: CliContext, options: ServerOptions): Promise<void> {
  const hasSupervisor = isSupervised(context);
  const { name, logLevel: level } = options;
  const logger = createLogger({ name, level, format: hasSupervisor ? "json" : "text" });
  const stop = stopSignal(hasSupervisor);
  try {
    await serveUntil(stop, logger, options);
  } catch (error) {
    const cause = explain(error, { name, port: options.port, hasSupervisor });
    if (!hasSupervisor) throw cause;
    reportFatal(logger, cause);
    context.process.exitCode = 1;
  } finally {
    endWithin(exitMsMax);
  }
}

/** Whether another process of Penstock minds this one. */
export function isSupervised({ process: { env } }: CliContext): boolean {
  return env?.["PENSTOCK_SUPERVISED"] === "1";
}

/** @throws what the start fails with, or the cause of a server that died by itself. */
async function serveUntil(
  stop: AbortSignal,
  logger: Logger,
  options: ServerOptions,
): Promise<void> {
  const { closeMsMax = closeMsMaxDefault } = options;
  const inTime = (end: Promise<void>) =>
    Promise.race([end, sleep(closeMsMax, undefined, { ref: false })]);
  const starting = options.start(logger, stop);
  const server = await startUnless(stop, starting);
  if (server === undefined) return inTime(closeLate(starting));
  const stopped = aborted(stop);
  const cause = await Promise.race([stopped, server.died ?? stopped]);
  logger.info("Stopping");
  await inTime(server.close());
  if (cause !== undefined) throw cause;
}

/** A server that starts all the same may have clients already, who are not to be cut. */
async function closeLate(starting: Promise<RunningServer>): Promise<void> {
  let server: RunningServer;
  try {
    server = await starting;
  } catch {
    return; // A start that was broken off fails, and nobody waits for it.
  }
  await server.close();
}

/** The server; undefined when the process is told to end before it has started. */
async function startUnless(
  stop: AbortSignal,
  starting: Promise<RunningServer>,
): Promise<RunningServer | undefined> {
  try {
    return await Promise.race([starting, aborted(stop)]);
  } catch (error) {
    if (stop.aborted) return undefined; // It failed because it was told to end.
    throw error;
  }
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Aborts when the process is told to end. Ctrl-C a second time, by the person who waits, ends it at once. */
function stopSignal(hasSupervisor: boolean): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, stop);
  if (!hasSupervisor) {
    process.once("SIGINT", () => process.once("SIGINT", () => process.exit(exitCodeOfSigint)));
    return controller.signal;
  }
  for (const event of ["end", "close", "error"]) process.stdin.once(event, stop);
  process.stdin.resume();
  return controller.signal;
}

/** 128 and the number of the signal, as shells have it. */
const exitCodeOfSigint = 130;

/** Keys of the configuration that move what a flag of a supervised process moves. */
const keysOfFlags: Readonly<Record<string, string>> = {
  "--port": "--server.port",
  "--kv-side-channel-port": "--kv-transfer.kv-port",
};

/** Somebody may take a port after the launcher has looked at it: says who, whatever the server made of it. */
function explain(
  error: unknown,
  { name, port, hasSupervisor }: Pick<ServerOptions, "name" | "port"> & { hasSupervisor: boolean },
): unknown {
  const own = port === undefined ? undefined : { port, purpose: `"${name}"`, flag: "--port" };
  const taken = takenPort(error) ?? own;
  if (taken === undefined) return error;
  if (!codesOf(error).some((code) => code === "EADDRINUSE" || code === "PORT_IN_USE")) return error;
  const flag = (hasSupervisor ? keysOfFlags[taken.flag] : undefined) ?? taken.flag;
  const holder = findPortHolder(taken.port);
  return new PenstockError("PORT_IN_USE", { ...taken, flag, holder }, { cause: error });
}

/** What a server says itself of a port that is not its main one. */
function takenPort(error: unknown): FactsOf<"PORT_IN_USE"> | undefined {
  if (!isPenstockError(error) || error.code !== "PORT_IN_USE") return undefined;
  return (error as PenstockError<"PORT_IN_USE">).facts;
}

function codesOf(error: unknown): readonly unknown[] {
  return [error, (error as Error).cause].map(
    (one) => (one as { code?: unknown } | undefined)?.code,
  );
}

function reportFatal(logger: Logger, cause: unknown): void {
  if (isPenstockError(cause)) logger.fatal(cause.message, { code: cause.code, hint: cause.hint });
  else
    logger.fatal(`Stopped by an unexpected error: ${String(cause)}`, {
      code: "UNEXPECTED",
      hint: "This is a bug in Penstock; please report it with the log",
      stack: cause instanceof Error ? cause.stack : undefined,
    });
}

/** Ends the process even where something that was started keeps it from ending by itself. */
function endWithin(timeoutMs: number): void {
  process.stdin.destroy();
  setTimeout(() => process.exit(), timeoutMs).unref();
}
