import { compare, type Divergence } from "./compare.ts";
import { explain } from "./differences.ts";
import { generate } from "./generate.ts";
import { readAsNode } from "./node-parser.ts";
import { readAsPenstock } from "./penstock-parser.ts";
import type { Input, Reading } from "./reading.ts";

/** Findings that are looked for before a run gives up. */
const findingsMax = 10;

/** What came of one input. */
export type Verdict =
  | { readonly kind: "agreement"; readonly isTaken: boolean }
  | { readonly kind: "difference"; readonly name: string }
  | { readonly kind: "finding"; readonly what: string };

export interface Finding {
  readonly number: number;
  readonly what: string;
}

/** What came of a run of inputs. */
export interface Tally {
  readonly inputCount: number;
  /** Inputs whose first message both took as a whole and read alike. */
  readonly takenCount: number;
  /** How often each listed difference occurred. */
  readonly differences: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** Number of the first input, and how many. */
  readonly from: number;
  readonly count: number;
}

/** Reads every input with both and counts what came of it. Stops early at the tenth finding. */
export function fuzz({ seed, from, count }: FuzzOptions): Tally {
  // A refusal is an answer here and not a fault: its stack would cost more than all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const findings: Finding[] = [];
  const differences: Record<string, number> = {};
  let takenCount = 0;
  let number = from;
  for (; number < from + count && findings.length < findingsMax; number++) {
    const verdict = judge(generate(seed, number));
    if (verdict.kind === "agreement") takenCount += verdict.isTaken ? 1 : 0;
    else if (verdict.kind === "finding") findings.push({ number, what: verdict.what });
    else differences[verdict.name] = (differences[verdict.name] ?? 0) + 1;
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { inputCount: number - from, takenCount, differences, findings };
}

/** Node gets the input as a whole and the router in its pieces, which so are judged as well. */
export function judge(input: Input): Verdict {
  let penstock: Reading;
  try {
    penstock = readAsPenstock(input);
  } catch (error) {
    return { kind: "finding", what: `the router's parser crashes: ${String(error)}` };
  }
  const divergence = compare(penstock, readAsNode({ ...input, cuts: [] }));
  if (divergence === undefined) {
    return { kind: "agreement", isTaken: penstock.messages[0]?.isComplete === true };
  }
  const difference = explain(divergence, input);
  if (difference !== undefined) return { kind: "difference", name: difference.name };
  return { kind: "finding", what: describe(divergence) };
}

function describe({ what, index, penstock, node }: Divergence): string {
  const whys = [penstock.why, node.why].filter((why) => why !== "");
  return `message ${index}: ${what}${whys.length > 0 ? ` (${whys.join("; ")})` : ""}`;
}
