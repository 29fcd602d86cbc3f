import { ConfigReader, type NumberRange } from "./config-reader.ts";
import { isJsonObject, type JsonObject } from "./json-file.ts";

/** Objects of a config.json that describe the language part of a model which sees or hears too. */
const languageParts = ["thinker_config", "text_config", "llm_config", "language_config"];

/** Names of one fact; families call the same thing differently. */
type Names = string | readonly string[];

/**
 * Reads a fact under any of the names that model families give it: from the part of the file that describes the
 * language model first, then from the whole file. Throws MODEL_CONFIG_INVALID as ConfigReader does.
 */
export class FactReader {
  readonly file: string;
  /** From the innermost language part out to the whole file. */
  readonly #levels: readonly Level[];

  constructor(file: string, object: JsonObject) {
    this.file = file;
    this.#levels = levelsOf(file, object);
  }

  has(...names: readonly string[]): boolean {
    return this.#levels.some(({ reader }) => names.some((name) => reader.has(name)));
  }

  integer(names: Names, range: NumberRange = {}): number {
    const { level, name } = this.#find(names);
    return level.reader.integer(name, range);
  }

  /** Null where none of the names is there. */
  optionalInteger(names: Names, range: NumberRange = {}): number | null {
    const { level, name } = this.#find(names);
    return level.reader.has(name) ? level.reader.integer(name, range) : null;
  }

  boolean(names: Names, fallback: boolean): boolean {
    const { level, name } = this.#find(names);
    return level.reader.boolean(name, fallback);
  }

  string(names: Names): string | null {
    const { level, name } = this.#find(names);
    return level.reader.string(name);
  }

  /** The text under the first name that holds text, null where none does; other types are no mistake here. */
  text(...names: readonly string[]): string | null {
    const values = this.#levels.flatMap(({ object }) => names.map((name) => object[name]));
    return values.find((value) => typeof value === "string") ?? null;
  }

  integers(names: Names): readonly number[] {
    const { level, name } = this.#find(names);
    return level.reader.integers(name);
  }

  list(names: Names): readonly unknown[] {
    const { level, name } = this.#find(names);
    return level.reader.list(name);
  }

  object(names: Names): ConfigReader | null {
    const { level, name } = this.#find(names);
    return level.reader.object(name);
  }

  fail(names: Names, expected: string): never {
    const { level, name } = this.#find(names);
    return level.reader.fail(name, expected);
  }

  /** Where the first of the names stands, or would stand. */
  #find(names: Names): { readonly level: Level; readonly name: string } {
    const wanted = typeof names === "string" ? [names] : names;
    for (const level of this.#levels)
      for (const name of wanted) if (level.reader.has(name)) return { level, name };
    return { level: this.#levels[0]!, name: wanted[0]! }; // Both hold one at least.
  }
}

interface Level {
  readonly reader: ConfigReader;
  readonly object: JsonObject;
}

function levelsOf(file: string, whole: JsonObject): readonly Level[] {
  const levels: Level[] = [];
  let object: JsonObject | undefined = whole;
  let path = "";
  while (object !== undefined) {
    levels.unshift({ reader: new ConfigReader(file, object, path), object });
    const parent: JsonObject = object;
    const part = languageParts.find((name) => isJsonObject(parent[name]));
    object = part === undefined ? undefined : (parent[part] as JsonObject);
    path += `${part}.`;
  }
  return levels;
}
