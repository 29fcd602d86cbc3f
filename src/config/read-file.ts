import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import { assign } from "./assign.ts";
import { dotted } from "./dotted-path.ts";
import { type Forms, isRlFile } from "./forms.ts";
import type { KeyNode } from "./key-tree.ts";
import type { ConfigNotice } from "./notice.ts";
import { type Assignment, describeOrigin, type Origin } from "./origin.ts";
import type { Findings } from "./problem.ts";

/** Longest TOML file that is read. */
export const fileBytesMax = 1_048_576;
/** Deepest inline table or list that is read. */
const depthMax = 64;

/** What some editors put before the text; positions are counted without it. */
const byteOrderMark = /^\u{feff}/u;

/** A TOML file of the command line, and the part of the configuration that it fills. */
export interface FileRequest {
  readonly path: string;
  readonly order: number;
  /** The section of `--section @ file.toml`; undefined for a file of the whole configuration. */
  readonly section: KeyNode | undefined;
}

/** Reads a text file; rejects as `node:fs` does. */
export type ReadText = (path: string) => Promise<string>;

/** What one TOML file sets, in whichever form it is written. */
export async function readFile(
  forms: Forms,
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
    notices: [],
  });

  let text: string;
  try {
    text = (await readText(path)).replace(byteOrderMark, "");
  } catch (error) {
    return mistake(`Cannot read the file: ${describeReadError(error)}`);
  }
  if (Buffer.byteLength(text) > fileBytesMax)
    return mistake(`Cannot read the file: it is larger than ${fileBytesMax} bytes`);

  let table: Readonly<Record<string, unknown>>;
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
  const node = section ?? (isRlFile(table) ? forms.rl : forms.standalone);
  const assigned = assign(forms.standalone, { node, value: table, originAt });
  const { values, problems, leftAlone } = assigned;
  const heading = node === forms.rl ? [rlNotice(originAt([]), leftAlone)] : leftNotice();
  return {
    values,
    problems,
    notices: [...heading, ...assigned.notices, ...contradictions(values)],
  };

  function leftNotice(): readonly ConfigNotice[] {
    if (leftAlone.length === 0) return [];
    return [{ origin: originAt([]), path: "", message: listLeftAlone(leftAlone) }];
  }
}

/** One file may set a key under two of its names, or above and below [inference]: the later one in it counts. */
function contradictions(values: readonly Assignment[]): readonly ConfigNotice[] {
  const known = new Map<string, Assignment>();
  const notices: ConfigNotice[] = [];
  for (const assignment of values) {
    const path = dotted(assignment.path);
    const other = known.get(path);
    known.set(path, assignment);
    // What an RL file says around inference is gathered from several sections.
    if (other === undefined || assignment.path[0] === "rl") continue;
    if (isDeepStrictEqual(other.value, assignment.value)) continue;
    const message = `overruled by ${describeOrigin(assignment.origin, "key")}, which sets it too`;
    notices.push({ origin: other.origin, path, message });
  }
  return notices;
}

function rlNotice(origin: Origin, leftAlone: readonly string[]): ConfigNotice {
  const rest = leftAlone.length === 0 ? "" : `; ${listLeftAlone(leftAlone)}`;
  return { origin, path: "", message: `read as the file of an RL run${rest}` };
}

/** More names than these are counted, not shown. */
const namesShownMax = 12;

function listLeftAlone(paths: readonly string[]): string {
  const shown = paths.slice(0, namesShownMax).join(", ");
  const rest = paths.length - namesShownMax;
  return `left alone, as it does not concern inference: ${shown}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function describeReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "there is no such file";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it is not UTF-8 text";
  if (code === "EISDIR") return "it is a directory";
  return code === "EACCES" ? "reading it is not permitted" : String(error);
}

function firstLine(message: string): string {
  return message.replace(/^Invalid TOML document: /, "").split("\n", 1)[0]!;
}
