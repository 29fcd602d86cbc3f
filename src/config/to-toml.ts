import { isTable } from "../base/mod.ts";
import { dotted } from "./dotted-path.ts";
import type { Config } from "./schema/config.ts";

/** What stands behind a key as a comment; undefined for none. */
export type CommentOn = (path: string) => string | undefined;

/** The configuration as a TOML file that loads to the same configuration: every key is in it, None is written out. */
export function toToml(config: Config, commentOn: CommentOn = () => undefined): string {
  return tableLines(config, [], commentOn).join("\n").trimStart() + "\n";
}

/** A table's own keys stand before its sections, as TOML wants it. */
function tableLines(
  table: Readonly<Record<string, unknown>>,
  path: readonly string[],
  commentOn: CommentOn,
): readonly string[] {
  const entries = Object.entries(table);
  const own = entries
    .filter(([, value]) => !isTable(value))
    .map(([key, value]) => keyLine(key, value, commentOn(dotted([...path, key]))));
  const sections = entries.flatMap(([key, value]) =>
    isTable(value) ? tableLines(value, [...path, key], commentOn) : [],
  );
  const hasHeading = path.length > 0 && (own.length > 0 || sections.length === 0);
  return [...(hasHeading ? ["", `[${dotted(path)}]`] : []), ...own, ...sections];
}

function keyLine(key: string, value: unknown, comment: string | undefined): string {
  const line = `${dotted([key])} = ${toTomlValue(value)}`;
  return comment === undefined ? line : `${line} # ${oneLine(comment)}`;
}

function toTomlValue(value: unknown): string {
  if (value === null) return '"None"';
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(toTomlValue).join(", ")}]`;
  if (!isTable(value)) return value === true ? "true" : "false";
  const entries = Object.entries(value).map(
    ([key, child]) => `${dotted([key])} = ${toTomlValue(child)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

/** TOML's basic strings are JSON's but for the delete character and halves of surrogate pairs. */
function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\u007F", "\\u007F");
}

/** Whole numbers past what a double counts exactly are written as the floats that they are. */
function formatNumber(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
  return String(value);
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- comments of TOML hold no control characters
  return text.replaceAll(/[\u0000-\u0008\u000A-\u001F\u007F]/g, " ");
}
