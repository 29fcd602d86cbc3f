import { internalFieldsSplice } from "./internal-fields.ts";
import {
  countElements,
  type JsonMember,
  type JsonObject,
  scanDocument,
  skipBlanks,
} from "./scan-json.ts";
import { spliceObject } from "./splice-object.ts";

export type GenerationRoute = "completions" | "chat";

/** Why a request's prompt is computed by the decode rank itself, which is right but slower. */
export type AloneReason = "many_prompts" | "many_choices" | "prompt_logprobs" | "cut_prompt";

export interface HandOffPlan {
  /** Set where one prefill answer cannot stand for the whole request; then there is no prefill leg. */
  readonly aloneBecause: AloneReason | undefined;
  /** The request that makes a prefill rank compute the prompt and keep its KV blocks. */
  readonly prefillBody: () => readonly Buffer[];
  /** The client's request with a prefill rank's `kv_transfer_params`, or with none at all. */
  readonly decodeBody: (params?: Buffer) => readonly Buffer[];
}

/** vLLM's NixlConnector in pull mode: what a proxy says to a prefill rank. */
const prefillParams = JSON.stringify({
  do_remote_decode: true,
  do_remote_prefill: false,
  remote_engine_id: null,
  remote_block_ids: null,
  remote_host: null,
  remote_port: null,
});

const paramsKey = "kv_transfer_params";

/**
 * What the prefill leg must not have: lengths above its single token, streaming, and whatever could end it for
 * another reason than its length, since some connectors then give no parameters.
 */
const notForPrefill = [
  "max_tokens",
  "max_completion_tokens",
  "min_tokens",
  "min_completion_tokens",
  "stream",
  "stream_options",
  "stop",
  "stop_token_ids",
  "ignore_eos",
];

/**
 * Reads a body of one of these routes as far as the hand-off needs. Parameters that a client sent are in neither
 * leg: an engine trusts them, and wrong ones can end it.
 * @throws JsonFault for a body that is no JSON object
 */
export function planHandOff(route: GenerationRoute, body: Buffer): HandOffPlan {
  const object = scanDocument(body);
  const cleaning = internalFieldsSplice(body, object);
  const splice = (
    without: readonly string[],
    put: readonly (readonly [string, readonly (Buffer | string)[]])[],
  ) =>
    spliceObject(body, object, {
      without: new Set([...cleaning.without, ...without]),
      with: [...cleaning.with, ...put],
    });
  return {
    aloneBecause: whyAlone(route, body, object),
    prefillBody: () =>
      splice(notForPrefill, [...prefillFields(route), [paramsKey, [prefillParams]]]),
    decodeBody: (params) => splice([], params === undefined ? [] : [[paramsKey, [params]]]),
  };
}

/** In chat `max_completion_tokens` wins over `max_tokens`, so both are set. */
function prefillFields(route: GenerationRoute): readonly (readonly [string, readonly string[]])[] {
  const fields: (readonly [string, readonly string[]])[] = [
    ["max_tokens", ["1"]],
    ["stream", ["false"]],
    ["ignore_eos", ["true"]],
  ];
  if (route === "chat") fields.push(["max_completion_tokens", ["1"]]);
  return fields;
}

/**
 * A prefill rank gives parameters for one sequence, and a decode rank frees the blocks after its first pull: several
 * prompts or choices would read blocks that may hold another request by then. A prompt whose log probabilities are
 * wanted must be computed where they are reported. One that is cut to what its answer leaves of the context would be
 * cut elsewhere where the answer has one token.
 */
function whyAlone(
  route: GenerationRoute,
  body: Buffer,
  object: JsonObject,
): AloneReason | undefined {
  const value = (key: string) => object.members.findLast((member) => member.key === key);
  const isOn = (key: string) => !saysOneOf(body, value(key), ["null", "false"]);
  const isOne = (key: string) => saysOneOf(body, value(key), ["null", "1"]);
  if (!isOne("n") || !isOne("best_of") || isOn("use_beam_search")) return "many_choices";
  if (isOn("prompt_logprobs")) return "prompt_logprobs";
  if (body[value("truncate_prompt_tokens")?.valueStart ?? -1] === minus) return "cut_prompt";
  if (route === "chat") return undefined;
  if (isOn("echo")) return "prompt_logprobs";
  const hasEmbeds = isOn("prompt_embeds");
  return hasEmbeds || holdsManyPrompts(body, value("prompt")) ? "many_prompts" : undefined;
}

/** Whether a field is absent or has one of these values, as JSON. */
function saysOneOf(
  body: Buffer,
  member: JsonMember | undefined,
  values: readonly string[],
): boolean {
  if (member === undefined) return true;
  const { valueStart, valueEnd } = member;
  const isShort = valueEnd - valueStart <= valueBytesMax;
  return isShort && values.includes(body.toString("latin1", valueStart, valueEnd));
}

/** A prompt is a text or its token ids; several are a list of such. */
function holdsManyPrompts(body: Buffer, prompt: JsonMember | undefined): boolean {
  if (prompt === undefined || body[prompt.valueStart] !== bracketOpen) return false;
  const first = body[skipBlanks(body, prompt.valueStart + 1)];
  const isList = first === quote || first === bracketOpen;
  return isList && countElements(body, prompt.valueStart, 2) > 1;
}

/** Longer than any value that is asked about. */
const valueBytesMax = 8;
const quote = 0x22;
const minus = 0x2d;
const bracketOpen = 0x5b;
