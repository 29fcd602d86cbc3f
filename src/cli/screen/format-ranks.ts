import { formatTable } from "./status/format-table.ts";

/** A rank as a router describes it: facts by their names. */
export type RankFacts = Readonly<Record<string, unknown>>;

/** A line for each rank below one of headings; a router that knows more of its ranks has more columns. */
export function formatRanks(ranks: readonly RankFacts[]): readonly string[] {
  if (ranks.length === 0) return ["The router has no ranks"];
  const names = [...new Set(ranks.flatMap(Object.keys))];
  const rows = ranks.map((rank) => names.map((name) => cell(rank[name])));
  return formatTable([names.map(heading), ...rows]);
}

/** `inFlight` and `in_flight` as IN FLIGHT. */
function heading(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toUpperCase();
}

function cell(value: unknown): string {
  if (value === undefined || value === null || value === "") return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
