import type { AloneReason } from "./plan-hand-off.ts";

/**
 * What became of a request whose prompt could be handed over. All but the last three go to a decode rank; its answer
 * is the same in each case, and only "done" has spared it the prompt.
 *
 *     done               the prefill rank's blocks went to the decode rank
 *     no_params          the prefill rank gave nothing to hand over
 *     refused            the prefill rank refused the request, and the decode rank says why
 *     prefill_failed     prefill ranks failed as often as they may
 *     no_prefill_rank    no prefill rank lives
 *     no_decode_rank     no decode rank lives at the moment, so that blocks would wait for nobody
 *     many_prompts, many_choices, prompt_logprobs, cut_prompt   see AloneReason
 *     invalid            the body is no JSON object
 *     too_large          the body is longer than is kept, or there was no room for it
 *     client_gone        the client left before the decode rank was asked
 */
export type HandOffOutcome =
  | AloneReason
  | "done"
  | "no_params"
  | "refused"
  | "prefill_failed"
  | "no_prefill_rank"
  | "no_decode_rank"
  | "invalid"
  | "too_large"
  | "client_gone";
