/**
 * Counters, gauges and histograms in Prometheus' text format 0.0.4, made for hot paths: the labelled child is
 * looked up once, after that an update is one addition without allocation.
 */
export type Labels = Readonly<Record<string, string>>;

export interface MetricOptions {
  /** Full name without the suffixes that the format adds (`_total`, `_bucket`, `_sum`, `_count`). */
  readonly name: string;
  readonly help: string;
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
    let index = 0;
    while (index < this.buckets.length && value > this.buckets[index]!) index++;
    this.counts[index]! += 1;
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

/** All metrics of one process. */
export class MetricsRegistry {
  readonly #writers = new Map<string, () => string>();

  counter(options: MetricOptions): Family<Counter> {
    const family = new Family(options, () => new Counter());
    return this.#register(family, () => writeCounters(family));
  }

  gauge(options: MetricOptions): Family<Gauge> {
    const family = new Family(options, () => new Gauge());
    return this.#register(family, () => writeGauges(family));
  }

  histogram(options: HistogramOptions): Family<Histogram> {
    const family = new Family(options, () => new Histogram(options.buckets));
    return this.#register(family, () => writeHistograms(family));
  }

  /** The exposition: `text/plain; version=0.0.4`. */
  expose(): string {
    return [...this.#writers.values()].map((write) => write()).join("");
  }

  #register<Child>(family: Family<Child>, write: () => string): Family<Child> {
    if (this.#writers.has(family.name)) throw new TypeError(`Metric "${family.name}" exists`);
    this.#writers.set(family.name, write);
    return family;
  }
}

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

function writeCounters(family: Family<Counter>): string {
  const lines = [...family.entries()].map(([labels, child]) =>
    sample(`${family.name}_total`, labels, child.value),
  );
  return header(family, "counter", `${family.name}_total`) + lines.join("");
}

function writeGauges(family: Family<Gauge>): string {
  const lines = [...family.entries()].map(([labels, child]) =>
    sample(family.name, labels, child.value),
  );
  return header(family, "gauge", family.name) + lines.join("");
}

function writeHistograms(family: Family<Histogram>): string {
  const lines = [...family.entries()].map(([labels, child]) =>
    writeHistogram(family.name, labels, child),
  );
  return header(family, "histogram", family.name) + lines.join("");
}

function writeHistogram(name: string, labels: string, histogram: Histogram): string {
  let cumulative = 0;
  let text = "";
  for (const [index, count] of histogram.counts.entries()) {
    cumulative += count;
    const bound = histogram.buckets[index];
    const le = `le="${bound === undefined ? "+Inf" : formatNumber(bound)}"`;
    text += sample(`${name}_bucket`, labels === "" ? le : `${labels},${le}`, cumulative);
  }
  return (
    text +
    sample(`${name}_sum`, labels, histogram.sum) +
    sample(`${name}_count`, labels, histogram.count)
  );
}

function header(family: { readonly help: string }, type: string, name: string): string {
  return `# HELP ${name} ${family.help}\n# TYPE ${name} ${type}\n`;
}

function sample(name: string, labels: string, value: number): string {
  return labels === ""
    ? `${name} ${formatNumber(value)}\n`
    : `${name}{${labels}} ${formatNumber(value)}\n`;
}

function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return Number.isNaN(value) ? "NaN" : String(value);
}

function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
