import type { JsonObject } from "./scan-json.ts";

/** One part of a JSON text. Parts of another text are ranges of its bytes and not copies. */
type Part = Buffer | string;

export interface Splice {
  /** Members that go, however often they come. */
  readonly without: ReadonlySet<string>;
  /** Members that are put behind the others, each with its value as JSON. */
  readonly with?: readonly (readonly [key: string, value: readonly Part[]])[];
}

/** The object that was scanned in these bytes with some of its members taken out and others put in. */
export function spliceObject(bytes: Buffer, object: JsonObject, splice: Splice): readonly Buffer[] {
  const members: (readonly Part[])[] = keptRanges(bytes, object, splice.without).map((range) => [
    range,
  ]);
  for (const [key, value] of splice.with ?? []) members.push([`${JSON.stringify(key)}:`, ...value]);
  const parts = members.flatMap((member, index) => (index === 0 ? member : [",", ...member]));
  return ["{", ...parts, "}"].map((part) => (typeof part === "string" ? Buffer.from(part) : part));
}

/** What stays: members next to each other are one range, with what stands between them. */
function keptRanges(
  bytes: Buffer,
  { members }: JsonObject,
  without: ReadonlySet<string>,
): readonly Buffer[] {
  const ranges: Buffer[] = [];
  let start = -1;
  let end = -1;
  for (const member of members) {
    const goes = without.has(member.key);
    if (goes && start !== -1) ranges.push(bytes.subarray(start, end));
    if (goes) start = -1;
    else if (start === -1) start = member.keyStart;
    end = member.valueEnd;
  }
  if (start !== -1) ranges.push(bytes.subarray(start, end));
  return ranges;
}
