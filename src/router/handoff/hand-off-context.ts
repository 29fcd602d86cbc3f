import type { RankGroup } from "../ranks/rank-group.ts";
import type { RelayContext } from "../relay/relay-context.ts";
import type { ByteBudget } from "./byte-budget.ts";

/** What the requests of a router share where prefill and decode are apart; its servers are the decode ranks. */
export interface HandOffContext extends RelayContext {
  readonly prefill: RankGroup;
  /** Of bodies that wait for the first byte of an answer. */
  readonly bodyBudget: ByteBudget;
  /** A prefill rank that did not do its part. */
  readonly onPrefillFailed: (slot: number, requestId: string, reason: string) => void;
}
