import * as z from "zod";
import { invalidValue } from "./api-error.ts";
import { buildGenerationRequest } from "./build-generation-request.ts";
import { checkLogprobCount } from "./check-logprobs.ts";
import { generationFields } from "./generation-fields.ts";
import type { GenerationDefaults, GenerationRequest, RequestLimits } from "./generation-request.ts";
import { parseFields } from "./parse-fields.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { isTokenIds } from "./token-ids.ts";

/** Text to be tokenized, or token ids. */
export type Prompt = string | readonly number[];

/** A checked `POST /v1/completions`. */
export interface CompletionRequest extends GenerationRequest {
  readonly prompts: readonly Prompt[];
  /** One token is generated, as in vLLM, and not shown: the answer is the prompt. */
  readonly isEchoOnly: boolean;
}

/** vLLM's default for completions. */
const maxTokensDefault = 16;

const schema = z.object({
  ...generationFields,
  prompt: z.unknown().transform((value, context) => {
    const prompts = promptsOf(value);
    if (prompts !== undefined) return prompts;
    const message =
      value === undefined
        ? "Field required"
        : "expected a string, a list of strings, a list of token ids or a list of lists of token ids";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }),
  logprobs: z.int().nullish(),
});

/** @throws ApiError 400 in vLLM's shapes. */
export function parseCompletionRequest(
  body: Readonly<Record<string, unknown>>,
  server: { readonly defaults: GenerationDefaults; readonly limits: RequestLimits },
): CompletionRequest {
  const fields = parseFields(schema, body);
  refuseUnsupported("completion", body);
  const prompts = fields.prompt;
  if (prompts.length === 0) throw invalidValue("prompt", "[]", "prompt cannot be empty.");
  const isEchoOnly = fields.echo === true && fields.max_tokens === 0;
  const logprobs = checkLogprobCount(fields.logprobs ?? null);
  const specifics = {
    maxTokens: isEchoOnly ? 1 : (fields.max_tokens ?? maxTokensDefault),
    maxTokensField: "max_tokens",
    logprobs,
    echoedLogprobs: logprobs,
    addSpecialTokens: true,
    promptCount: prompts.length,
  } as const;
  return { ...buildGenerationRequest(fields, specifics, server), prompts, isEchoOnly };
}

/** The four forms of a prompt as one list; undefined for anything else. Written for lists of a million ids. */
function promptsOf(value: unknown): readonly Prompt[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return undefined;
  const entries: readonly unknown[] = value;
  if (entries.length === 0) return [];
  if (entries.every((entry) => typeof entry === "string")) return entries;
  if (isTokenIds(entries)) return [entries];
  return entries.every((entry) => isTokenIds(entry)) ? entries : undefined;
}
