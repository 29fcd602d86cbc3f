import { PenstockError } from "../errors/mod.ts";
import { isJsonObject, quote, type JsonObject } from "./json-file.ts";

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Taken when the key is absent or null; without it the key must be there. */
  readonly fallback?: number;
}

/**
 * Reads checked values from one JSON object of a configuration file. Every mistake is a MODEL_CONFIG_INVALID that
 * names the file, the key, its value and what it must be.
 */
export class ConfigReader {
  readonly file: string;
  readonly #object: JsonObject;
  /** Where the object stands in its file, with a dot at the end: "rope_scaling." */
  readonly #path: string;

  constructor(file: string, object: JsonObject, path = "") {
    this.file = file;
    this.#object = object;
    this.#path = path;
  }

  /** False for null too: transformers writes null for what is not set. */
  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  integer(key: string, range: NumberRange = {}): number {
    const { min = 1, max = 2 ** 31 - 1 } = range;
    const value = this.#value(key) ?? range.fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)
      return value;
    return this.fail(key, `an integer from ${min} to ${max}`);
  }

  number(key: string, range: NumberRange = {}): number {
    const { min = 0, max = Number.MAX_VALUE } = range;
    const value = this.#value(key) ?? range.fallback;
    if (typeof value === "number" && value >= min && value <= max) return value;
    return this.fail(key, `a number${describeRange(range)}`);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#value(key) ?? fallback;
    return typeof value === "boolean" ? value : this.fail(key, "true or false");
  }

  string(key: string): string | null {
    const value = this.#value(key) ?? null;
    return typeof value === "string" || value === null ? value : this.fail(key, "a string");
  }

  /** A list of numbers; one number stands for a list of one, absent for an empty one. */
  integers(key: string): readonly number[] {
    const value = this.#value(key) ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const good = list.every((item) => Number.isInteger(item) && (item as number) >= 0);
    return good ? (list as number[]) : this.fail(key, "an integer from 0 or a list of such");
  }

  positiveNumbers(key: string, length: number): readonly number[] {
    const value = this.#value(key);
    const good =
      Array.isArray(value) &&
      value.length === length &&
      value.every((item) => Number.isFinite(item) && item > 0);
    return good ? (value as number[]) : this.fail(key, `a list of ${length} positive numbers`);
  }

  object(key: string): ConfigReader | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    if (!isJsonObject(value)) return this.fail(key, "an object");
    return new ConfigReader(this.file, value, `${this.#path}${key}.`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#value(key) ?? [];
    return Array.isArray(value) ? value : this.fail(key, "a list");
  }

  fail(key: string, expected: string): never {
    const facts = { file: this.file, key: `${this.#path}${key}`, expected };
    const value = quote(this.#value(key));
    throw new PenstockError("MODEL_CONFIG_INVALID", { ...facts, value });
  }

  #value(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? undefined) : undefined;
  }
}

function describeRange({ min, max }: NumberRange): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? " of at least 0" : ` of at most ${max}`;
}
