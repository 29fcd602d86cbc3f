import { parse, TomlError } from "smol-toml";
import { assign } from "./assign.ts";
import type { KeyNode, KeyTable } from "./key-tree.ts";
import type { Assignment, Origin } from "./origin.ts";
import type { Findings } from "./problem.ts";

/** Longest TOML file that is read. */
export const fileBytesMax = 1_048_576;
/** Deepest inline table or list that is read. */
const depthMax = 64;

/** A TOML file of the command line, and the part of the configuration that it fills. */
export interface FileRequest {
  readonly path: string;
  readonly order: number;
  /** The configuration's root, or the section of `--section @ file.toml`. */
  readonly section: { readonly path: readonly string[]; readonly node: KeyNode };
}

/** Reads a text file; rejects as `node:fs` does. */
export type ReadText = (path: string) => Promise<string>;

/** What one TOML file sets. */
export async function readFile(
  root: KeyTable,
  request: FileRequest,
  readText: ReadText,
): Promise<Findings<Assignment>> {
  const { path, order, section } = request;
  const mistake = (message: string, text = "", position?: { line: number; column: number }) => ({
    values: [],
    problems: [
      {
        origin: { kind: "file", file: { path, text }, keys: [], order } satisfies Origin,
        path: "",
        message,
        ...(position && { position }),
      },
    ],
  });

  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    return mistake(`Cannot read the file: ${describeReadError(error)}`);
  }
  if (Buffer.byteLength(text) > fileBytesMax)
    return mistake(`Cannot read the file: it is larger than ${fileBytesMax} bytes`);

  let table: unknown;
  try {
    table = parse(text, { unsafeKeyBehaviour: "throw", maxDepth: depthMax });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return mistake(`Invalid TOML: ${firstLine(error.message)}`, text, {
      line: error.line,
      column: error.column,
    });
  }
  const originAt = (keys: readonly string[]): Origin => {
    return { kind: "file", file: { path, text }, keys, order };
  };
  return assign(root, { node: section.node, path: section.path, value: table, originAt });
}

function describeReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a directory";
  return code === "EACCES" ? "reading it is not permitted" : String(error);
}

function firstLine(message: string): string {
  return message.replace(/^Invalid TOML document: /, "").split("\n", 1)[0]!;
}
