export interface Selection {
  /** The value at which the selection ends. */
  readonly threshold: number;
  /** Mass of the values greater than the threshold; less than the target. */
  readonly massAbove: number;
}

export interface SelectOptions {
  /** Mass to be gathered, greatest values first; above 0. */
  readonly target: number;
  /** "one" counts values, so that target k finds the k-th greatest; "value" adds the values themselves. */
  readonly mass: "one" | "value";
}

/**
 * Finds where the greatest values reach the target without sorting them: a quickselect that weighs the sides
 * instead of only counting them, O(n) on average. Values that miss the target altogether give their least one.
 *
 * @param values At least one, no NaN. Their order is lost.
 */
export function selectThreshold(values: Float64Array, { target, mass }: SelectOptions): Selection {
  let start = 0;
  let end = values.length;
  let massAbove = 0;
  for (;;) {
    const pivot = medianOfThree(values[start]!, values[(start + end) >>> 1]!, values[end - 1]!);
    const { greaterEnd, equalEnd } = partition(values.subarray(start, end), pivot);
    const massOf = (from: number, to: number): number =>
      mass === "one" ? to - from : sumOf(values.subarray(start + from, start + to));
    const massGreater = massOf(0, greaterEnd);
    const massEqual = massOf(greaterEnd, equalEnd);
    if (massAbove + massGreater >= target) {
      end = start + greaterEnd;
    } else if (massAbove + massGreater + massEqual >= target || start + equalEnd === end) {
      return { threshold: pivot, massAbove: massAbove + massGreater };
    } else {
      massAbove += massGreater + massEqual;
      start += equalEnd;
    }
  }
}

/** Reorders to [greater | equal | less] than the pivot, which is one of the values. */
function partition(values: Float64Array, pivot: number): { greaterEnd: number; equalEnd: number } {
  let greaterEnd = 0;
  let equalEnd = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < pivot) continue;
    values[index] = values[equalEnd]!;
    if (value === pivot) {
      values[equalEnd++] = value;
    } else {
      values[equalEnd++] = values[greaterEnd]!;
      values[greaterEnd++] = value;
    }
  }
  return { greaterEnd, equalEnd };
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a > b) return b > c ? b : Math.min(a, c);
  return a > c ? a : Math.min(b, c);
}

/** A plain loop: reduce() is several times slower over a vocabulary. */
export function sumOf(values: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index]!;
  return total;
}
