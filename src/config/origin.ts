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
    };

/** The origin of every key that a file or a flag set, by dotted path; what is not in it has its default. */
export type Provenance = ReadonlyMap<string, Origin>;

/** One value that a file or a flag sets. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: Origin;
}
