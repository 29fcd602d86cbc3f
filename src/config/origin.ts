import { locate, type Position } from "./locate.ts";

/** A TOML file that was read, kept so that positions can be looked up when something in it is wrong. */
export interface SourceFile {
  /** As the user wrote it. */
  readonly path: string;
  readonly text: string;
}

/** Where the value of a key was set. `order` is the place among the command's words, to sort by. */
export type Origin =
  | { readonly kind: "default" }
  | {
      readonly kind: "file";
      readonly file: SourceFile;
      /** The key's path as the file writes it. */
      readonly keys: readonly string[];
      readonly order: number;
    }
  | {
      readonly kind: "flag";
      /** As the user wrote it, without its value: "--server.port". */
      readonly flag: string;
      readonly order: number;
    }
  | {
      /** Other keys decided it. */
      readonly kind: "rule";
      readonly because: string;
    };

/** The origin of every key that is not at its default, by dotted path. */
export type Provenance = ReadonlyMap<string, Origin>;

/** One value that a file or a flag sets. An empty table switches a section on, null an optional one off. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: Origin;
}

/** Where a file sets the key, or its value. Undefined for other origins and where the text does not show it. */
export function positionOf(origin: Origin, target: "key" | "value"): Position | undefined {
  if (origin.kind !== "file") return undefined;
  return locate(origin.file.text, origin.keys, target);
}

/** The origin in one word or a few: `base.toml:3:8`, `--server.port`, `default`. Looks positions up, which costs time. */
export function describeOrigin(origin: Origin, target: "key" | "value" = "value"): string {
  if (origin.kind === "flag") return origin.flag;
  if (origin.kind === "rule") return origin.because;
  if (origin.kind === "default") return "default";
  const position = positionOf(origin, target);
  const { path } = origin.file;
  return position === undefined ? path : `${path}:${position.line}:${position.column}`;
}

/** True where the flag is the key's own name; JSON reaches below the flag, an alias is another name. */
export function isNamedBy(origin: Origin, path: string): boolean {
  if (origin.kind !== "flag") return false;
  const flag = plain(origin.flag.slice(2));
  return flag === plain(path) || flag === `no_${plain(path)}`;
}

function plain(name: string): string {
  return name.replaceAll("-", "_");
}
