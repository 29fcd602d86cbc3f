import { printable } from "../../../base/mod.ts";

/** Rows as columns that stand below each other; each cell is made fit for one line of a terminal. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const columnCount = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columnCount }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

/** Text of unknown origin in one line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "));
}
