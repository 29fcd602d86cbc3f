import { stripVTControlCharacters } from "node:util";
import { printable } from "../../base/mod.ts";
import { type LogLevel, parseLogLine } from "../../telemetry/mod.ts";

export interface LogLineOptions {
  /** Leaves JSON lines as they are. */
  readonly raw: boolean;
  readonly hasColour: boolean;
}

/** As much as a person reads of a number that is not whole. */
const fractionDigits = 3;
const escape = "\u001b";
const levelColours: Readonly<Partial<Record<LogLevel, number>>> = {
  warning: 33,
  error: 31,
  fatal: 31,
};
const idColours = [36, 32, 35, 34, 33, 96] as const;

/** A line of a log for a person: ours as "12:03:04 INFO message fact=…", whatever else as it is; safe for a terminal. */
export function formatLogLine(text: string, { raw, hasColour }: LogLineOptions): string {
  const line = raw ? undefined : parseLogLine(text);
  // Programs colour their lines for terminals; half an escape sequence would be worse than none.
  if (line === undefined) return printable(stripVTControlCharacters(text));
  // The event is for programs, which read --raw.
  const { time, level, message, name: _name, event: _event, ...facts } = line;
  const clock = typeof time === "string" ? time.slice(11, 19) : "";
  const details = Object.entries(facts).map(([key, value]) => `${key}=${formatFact(value)}`);
  const shown = [clock, level.toUpperCase(), message, ...details].filter((part) => part !== "");
  return coloured(printable(shown.join(" ")), hasColour ? levelColours[level] : undefined);
}

/** Puts the id of its process before each line of a log that several write to. */
export function makeIdPrefix(ids: readonly string[], hasColour: boolean): (id: string) => string {
  const width = Math.max(...ids.map((id) => id.length));
  const prefixes = new Map(
    ids.map((id, index) => {
      const colour = hasColour ? idColours[index % idColours.length] : undefined;
      return [id, `${coloured(printable(id.padEnd(width)), colour)} | `];
    }),
  );
  return (id) => prefixes.get(id) ?? `${printable(id)} | `;
}

function formatFact(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value))
    return String(Number(value.toPrecision(fractionDigits)));
  return typeof value === "string" && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
}

function coloured(text: string, colour: number | undefined): string {
  return colour === undefined ? text : `${escape}[${colour}m${text}${escape}[0m`;
}
