/**
 * Log lines of one process: JSON where another program reads them, plain text where a person does. Lines go
 * to standard error, standard output belongs to results.
 */
export type LogLevel = "debug" | "info" | "warning" | "error" | "fatal";

export interface LogLine {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  /** Which process speaks, for example "router" or "engine-0". */
  readonly name: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warning(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** The cause this process ends for; a supervisor shows the last such line as the reason. */
  fatal(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface LoggerOptions {
  readonly name: string;
  readonly format: "json" | "text";
  /** Lines below it are dropped. Default "info". */
  readonly level?: LogLevel;
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

const levels: readonly LogLevel[] = ["debug", "info", "warning", "error", "fatal"];

export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const now = options.now ?? (() => new Date());
  const levelMin = levels.indexOf(options.level ?? "info");
  const format = options.format === "json" ? formatJson : formatText;
  const at =
    (level: LogLevel) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(level) < levelMin) return;
      write(
        `${format({ ...facts, time: now().toISOString(), level, name: options.name, message })}\n`,
      );
    };
  return loggerOf(at);
}

/** A logger whose lines go wherever this says, level by level. */
export function loggerOf(at: (level: LogLevel) => Logger["info"]): Logger {
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    fatal: at("fatal"),
  };
}

/** Reads a line that {@linkcode createLogger} wrote as JSON; anything else gives undefined. */
export function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isLogLine(value) ? value : undefined;
  } catch {
    return undefined; // Not ours: a program may print whatever it likes.
  }
}

function isLogLine(value: unknown): value is LogLine {
  if (typeof value !== "object" || value === null) return false;
  const line = value as Partial<Record<keyof LogLine, unknown>>;
  return typeof line.message === "string" && levels.includes(line.level as LogLevel);
}

function formatJson(line: LogLine): string {
  const { time, level, name, message, ...facts } = line;
  return JSON.stringify({ time, level, name, message, ...facts });
}

function formatText(line: LogLine): string {
  const { time, level, name, message, ...facts } = line;
  const details = Object.entries(facts).map(([key, value]) => `${key}=${formatFact(value)}`);
  return [time.slice(11, 19), level.toUpperCase(), `[${name}]`, message, ...details].join(" ");
}

function formatFact(value: unknown): string {
  return typeof value === "string" && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
}
