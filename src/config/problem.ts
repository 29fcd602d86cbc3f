import { printable } from "../base/mod.ts";
import type { ConfigNotice } from "./notice.ts";
import { isNamedBy, type Origin, positionOf } from "./origin.ts";

/** One mistake in the configuration. */
export interface ConfigProblem {
  readonly origin: Origin;
  /** Dotted path of the key; empty where no key is concerned. */
  readonly path: string;
  /** What was found; left out where the key itself is the mistake. */
  readonly value?: unknown;
  /** What is wrong and what was expected, without a full stop. */
  readonly message: string;
  /** Line and column where they are known without a key, as in a syntax error. */
  readonly position?: { readonly line: number; readonly column: number };
}

/** What a reader of files or flags found: values to set, mistakes, and what the user should hear of. */
export interface Findings<Value> {
  readonly values: readonly Value[];
  readonly problems: readonly ConfigProblem[];
  readonly notices: readonly ConfigNotice[];
}

/** Mistakes beyond these are counted, not shown: finding their places takes long, and nobody reads so many. */
export const problemsShownMax = 100;

/** The text of the mistakes, in the order in which the user wrote them. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const placed = problems
    .slice(0, problemsShownMax)
    .map((problem) => ({ problem, place: placeOf(problem) }));
  placed.sort(
    (a, b) =>
      a.place.order - b.place.order ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
  const lines = placed.map(({ problem, place }) => formatProblem(problem, place.text));
  const rest = problems.length - lines.length;
  return [...lines, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join("\n");
}

interface Place {
  readonly text: string;
  readonly order: number;
  readonly line: number;
  readonly column: number;
}

function placeOf(problem: ConfigProblem): Place {
  const { origin } = problem;
  if (origin.kind === "default" || origin.kind === "rule")
    return { text: "default", order: -1, line: 0, column: 0 };
  if (origin.kind === "flag") return { text: origin.flag, order: origin.order, line: 0, column: 0 };
  const target = problem.value === undefined ? "key" : "value";
  const position = problem.position ?? positionOf(origin, target);
  const { line, column } = position ?? { line: 0, column: 0 };
  const text = position === undefined ? origin.file.path : `${origin.file.path}:${line}:${column}`;
  return { text, order: origin.order, line, column };
}

function formatProblem(problem: ConfigProblem, place: string): string {
  const key = isNamedBy(problem.origin, problem.path) ? "" : problem.path;
  const value = problem.value === undefined ? "" : formatValue(problem.value);
  const subject = key === "" || value === "" ? key + value : `${key} = ${value}`;
  const head = subject === "" ? place : `${place}  ${subject}`;
  return printable(`  ${head}\n      ${problem.message}`);
}

const valueLengthMax = 80;

function formatValue(value: unknown): string {
  const text =
    typeof value === "bigint" || typeof value === "number"
      ? `${value}`
      : (JSON.stringify(value) ?? String(value));
  return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax)}…` : text;
}
