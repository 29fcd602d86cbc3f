import type { Quarantine } from "./quarantine.ts";
import type { RankHealth } from "./rank-health.ts";

/** "prefill" ranks compute prompts and "decode" ranks answer; "both" do everything themselves. */
export type RankRole = "both" | "prefill" | "decode";

/**
 * What happened to the rank in a slot. Can be sent to other threads: a table that takes in all changes of another one in
 * their order says the same of every rank.
 */
export type RankChange =
  | {
      readonly kind: "added";
      readonly slot: number;
      readonly index: number;
      readonly url: string;
      readonly role: RankRole;
    }
  /** A health sign was taken in; where `isReady`, it was a good one. */
  | {
      readonly kind: "health";
      readonly slot: number;
      readonly health: RankHealth;
      readonly isReady: boolean;
    }
  | {
      readonly kind: "quarantine";
      readonly slot: number;
      readonly quarantine: Quarantine | undefined;
    }
  /** It takes no new requests. */
  | { readonly kind: "draining"; readonly slot: number }
  /** Nothing will come of the requests that it has. */
  | { readonly kind: "lost"; readonly slot: number; readonly reason: string }
  /** It is gone, and its requests with it. */
  | { readonly kind: "removed"; readonly slot: number; readonly reason: string };
