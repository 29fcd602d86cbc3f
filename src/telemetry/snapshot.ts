/** The numbers of a registry at one moment as plain data, which may travel between threads. */
export type MetricsSnapshot = readonly FamilySnapshot[];

export interface FamilySnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** What several threads' samples of the same labels come to. */
  readonly merge: MergeRule;
  /** Upper bounds of a histogram, ascending, without +Inf; else empty. */
  readonly buckets: readonly number[];
  readonly samples: readonly Sample[];
}

/** "first": the number is the whole process's, and every thread says the same. */
export type MergeRule = "sum" | "first";

/**
 * Labels as the exposition writes them between its braces, and the number; a histogram has one number a bucket, not
 * cumulative, then that of +Inf, then the sum.
 */
export type Sample = readonly [labels: string, value: number | Float64Array];

/**
 * One snapshot that says what these say together. Families and samples stand in the order in which they are first seen.
 * @throws TypeError where two snapshots disagree about what a family is
 */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  if (snapshots.length === 1) return snapshots[0]!;
  const families = new Map<string, { first: FamilySnapshot; samples: Map<string, Sample[1]> }>();
  for (const family of snapshots.flat()) {
    const known = families.get(family.name);
    if (known === undefined) {
      families.set(family.name, { first: family, samples: new Map(family.samples) });
    } else {
      checkSame(known.first, family);
      for (const sample of family.samples) addSample(known.samples, sample, family.merge);
    }
  }
  return [...families.values()].map(({ first, samples }) => ({ ...first, samples: [...samples] }));
}

function addSample(
  samples: Map<string, Sample[1]>,
  [labels, value]: Sample,
  merge: MergeRule,
): void {
  const known = samples.get(labels);
  if (known === undefined) samples.set(labels, value);
  else if (merge === "sum") samples.set(labels, sum(known, value));
}

function sum(one: Sample[1], other: Sample[1]): Sample[1] {
  if (typeof one === "number" && typeof other === "number") return one + other;
  if (typeof one === "number" || typeof other === "number") {
    throw new TypeError("Cannot add a number to a histogram");
  }
  return one.map((value, index) => value + other[index]!); // As many buckets: checkSame() has looked.
}

function checkSame(one: FamilySnapshot, other: FamilySnapshot): void {
  const isSame =
    one.type === other.type &&
    one.merge === other.merge &&
    one.buckets.length === other.buckets.length &&
    one.buckets.every((bound, index) => bound === other.buckets[index]);
  if (!isSame) throw new TypeError(`Metric "${one.name}" is not the same in all snapshots`);
}
