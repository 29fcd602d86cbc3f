import type { ProcessEntry } from "./process-table.ts";

/** Start times of processes by pid. */
export type Members = ReadonlyMap<number, string>;

/**
 * The processes that descend from those that were started with the token: those that carry it, members known from
 * before, their children, and everybody in sessions that one of them made. So a process that changed its
 * environment is found while its parent lives, while its session is that of a member, or when it was seen before.
 */
export function findFamily(
  table: readonly ProcessEntry[],
  token: string,
  known: Members = new Map(),
): readonly ProcessEntry[] {
  const family = new Map<number, ProcessEntry>();
  const gone = goneAmong(known, table);
  const belongs = ({ pid, parentPid, session, startTime, token: its }: ProcessEntry): boolean =>
    its === token ||
    known.get(pid) === startTime ||
    family.has(parentPid) ||
    family.has(session) ||
    gone.has(session);
  for (let before = -1; before < family.size;) {
    before = family.size;
    for (const entry of table)
      if (!family.has(entry.pid) && belongs(entry)) family.set(entry.pid, entry);
  }
  return [...family.values()];
}

/**
 * What to know the next time: who lives, and who has gone and left a session behind. Others are forgotten, as
 * their numbers may come to mean somebody else.
 */
export function rememberFamily(
  table: readonly ProcessEntry[],
  family: readonly ProcessEntry[],
  known: Members,
): Members {
  const members = new Map(family.map(({ pid, startTime }) => [pid, startTime]));
  const gone = goneAmong(known, table);
  for (const { session } of family)
    if (gone.has(session)) members.set(session, known.get(session)!);
  return members;
}

/** Those of whom not even the number is in use. */
function goneAmong(known: Members, table: readonly ProcessEntry[]): ReadonlySet<number> {
  const alive = new Set(table.map(({ pid }) => pid));
  return new Set([...known.keys()].filter((pid) => !alive.has(pid)));
}
