import { PenstockError } from "../../../errors/mod.ts";

/**
 * The id that a word means: an id in full, the end of one ("rank-3" of "decode-0-rank-3"), the number of a rank, or the
 * name of the only one of its kind ("router").
 *
 * @throws PenstockError PROCESS_UNKNOWN, PROCESS_NAME_AMBIGUOUS
 */
export function findProcess(name: string, ids: readonly string[]): string {
  if (ids.includes(name)) return name;
  const end = /^\d+$/.test(name) ? `rank-${name}` : name;
  const meant = ids.filter((id) => id === end || id.endsWith(`-${end}`) || isNumbered(id, name));
  if (meant.length === 1) return meant[0]!;
  if (meant.length === 0) throw new PenstockError("PROCESS_UNKNOWN", { id: name, ids });
  throw new PenstockError("PROCESS_NAME_AMBIGUOUS", { name, ids: meant });
}

/** Whether the id is the name and a number. */
function isNumbered(id: string, name: string): boolean {
  return id.startsWith(`${name}-`) && /^\d+$/.test(id.slice(name.length + 1));
}
