/**
 * Counters, gauges and histograms for Prometheus, made for hot paths: the labelled child is looked up once, after that
 * an update is one addition without allocation.
 */
import { formatLabels, type Labels, writeExposition } from "./exposition.ts";
import type { FamilySnapshot, MergeRule, MetricsSnapshot, Sample } from "./snapshot.ts";

export interface MetricOptions {
  /** Full name without the suffixes that the format adds (`_total`, `_bucket`, `_sum`, `_count`). */
  readonly name: string;
  readonly help: string;
}

export interface GaugeOptions extends MetricOptions {
  /** What the gauges of several threads come to. Default "sum". */
  readonly merge?: MergeRule;
}

export interface CollectedOptions extends GaugeOptions {
  readonly type: "counter" | "gauge";
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/** Label sets one metric may have; past it, updates go to one child labelled `overflow="true"`. */
export const labelSetsMax = 1_024;

export class Counter {
  value = 0;
  add(amount = 1): void {
    this.value += amount;
  }
}

export class Gauge {
  value = 0;
  set(value: number): void {
    this.value = value;
  }
  add(amount: number): void {
    this.value += amount;
  }
}

export class Histogram {
  readonly buckets: readonly number[];
  /** Observations per bucket, not cumulative; the last one is +Inf. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(buckets: readonly number[]) {
    this.buckets = buckets;
    this.counts = new Float64Array(buckets.length + 1);
  }

  observe(value: number): void {
    const { buckets } = this;
    let low = 0;
    let high = buckets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value > buckets[middle]!) low = middle + 1;
      else high = middle;
    }
    this.counts[low]! += 1;
    this.sum += value;
    this.count += 1;
  }
}

/** One metric name with its children, one a label set. */
export class Family<Child> {
  readonly name: string;
  readonly help: string;
  readonly #make: () => Child;
  readonly #children = new Map<string, Child>();

  constructor(options: MetricOptions, make: () => Child) {
    this.name = options.name;
    this.help = options.help;
    this.#make = make;
  }

  /** The child of this label set, made when it is first asked for. Keep it where updates are frequent. */
  labels(labels: Labels = {}): Child {
    const key = formatLabels(labels);
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    if (this.#children.size >= labelSetsMax) return this.#overflow();
    const child = this.#make();
    this.#children.set(key, child);
    return child;
  }

  remove(labels: Labels): void {
    this.#children.delete(formatLabels(labels));
  }

  entries(): IterableIterator<[string, Child]> {
    return this.#children.entries();
  }

  #overflow(): Child {
    const key = formatLabels({ overflow: "true" });
    const child = this.#children.get(key) ?? this.#make();
    this.#children.set(key, child);
    return child;
  }
}

/** All metrics of one thread. */
export class MetricsRegistry {
  readonly #readers = new Map<string, () => FamilySnapshot>();

  counter(options: MetricOptions): Family<Counter> {
    const family = new Family(options, () => new Counter());
    this.#register(options, { type: "counter", merge: "sum" }, () => valuesOf(family));
    return family;
  }

  gauge(options: GaugeOptions): Family<Gauge> {
    const { merge = "sum" } = options;
    const family = new Family(options, () => new Gauge());
    this.#register(options, { type: "gauge", merge }, () => valuesOf(family));
    return family;
  }

  histogram(options: HistogramOptions): Family<Histogram> {
    const { buckets } = options;
    const family = new Family(options, () => new Histogram(buckets));
    this.#register(options, { type: "histogram", merge: "sum", buckets }, () => {
      return [...family.entries()].map(([labels, child]) => [labels, numbersOf(child)]);
    });
    return family;
  }

  /**
   * A metric whose numbers are kept elsewhere and read when they are asked for; as many samples as `read` gives, with
   * labels as {@linkcode formatLabels} writes them.
   */
  collected(options: CollectedOptions, read: () => readonly Sample[]): void {
    const { type, merge = "sum" } = options;
    this.#register(options, { type, merge }, read);
  }

  snapshot(): MetricsSnapshot {
    return Array.from(this.#readers.values(), (read) => read());
  }

  /** The exposition: `text/plain; version=0.0.4`. */
  expose(): string {
    return writeExposition(this.snapshot());
  }

  #register(
    { name, help }: MetricOptions,
    kind: Pick<FamilySnapshot, "type" | "merge"> & { readonly buckets?: readonly number[] },
    read: () => readonly Sample[],
  ): void {
    if (this.#readers.has(name)) throw new TypeError(`Metric "${name}" exists`);
    const family = { name, help, buckets: [], ...kind };
    this.#readers.set(name, () => ({ ...family, samples: read() }));
  }
}

function valuesOf(family: Family<{ readonly value: number }>): readonly Sample[] {
  return Array.from(family.entries(), ([labels, { value }]) => [labels, value]);
}

function numbersOf({ counts, sum }: Histogram): Float64Array {
  const numbers = new Float64Array(counts.length + 1);
  numbers.set(counts);
  numbers[counts.length] = sum;
  return numbers;
}
