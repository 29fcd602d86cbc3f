import { PenstockError } from "../../errors/mod.ts";
import type { RankRole } from "./rank-change.ts";

interface RankToCheck {
  readonly index: number;
  readonly role?: RankRole;
}

/** @throws PenstockError ROUTER_RANKS_INVALID where a router cannot start with these ranks */
export function checkRanks(ranks: readonly RankToCheck[], ranksMax: number): void {
  const invalid = (reason: string) => new PenstockError("ROUTER_RANKS_INVALID", { reason });
  if (ranks.length === 0) throw invalid("it has no ranks to route to");
  if (ranks.length > ranksMax)
    throw invalid(`it has ${ranks.length} ranks, and room for ${ranksMax}`);
  const indexes = new Set(ranks.map(({ index }) => index));
  if (indexes.size !== ranks.length) throw invalid("two ranks share an index");
  const roles = new Set(ranks.map(({ role = "both" }) => role));
  if (roles.has("both") && roles.size > 1)
    throw invalid("some of its ranks have a role and some have none");
  if (roles.has("prefill") && roles.size === 1)
    throw invalid("it has prefill ranks and no decode rank");
  if (roles.has("decode") && roles.size === 1)
    throw invalid("it has decode ranks and no prefill rank");
}
