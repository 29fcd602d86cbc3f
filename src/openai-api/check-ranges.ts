import { invalidValue } from "./api-error.ts";
import type { GenerationFields } from "./generation-fields.ts";
import {
  logitBiasEntriesMax,
  requestIdCharsMax,
  stopStringCharsMax,
  stopStringsMax,
} from "./limits.ts";

interface Range {
  readonly accepts: (value: number) => boolean;
  readonly wanted: string;
}

const ranges: Readonly<Partial<Record<keyof GenerationFields, Range>>> = {
  temperature: { accepts: (value) => value >= 0 && value <= 2, wanted: "in [0, 2]" },
  top_p: { accepts: (value) => value > 0 && value <= 1, wanted: "in (0, 1]" },
  top_k: { accepts: (value) => value >= -1, wanted: "0 (off), -1 (off) or at least 1" },
  min_p: { accepts: (value) => value >= 0 && value <= 1, wanted: "in [0, 1]" },
  presence_penalty: { accepts: (value) => value >= -2 && value <= 2, wanted: "in [-2, 2]" },
  frequency_penalty: { accepts: (value) => value >= -2 && value <= 2, wanted: "in [-2, 2]" },
  repetition_penalty: { accepts: (value) => value > 0, wanted: "greater than 0" },
  n: { accepts: (value) => value >= 1, wanted: "at least 1" },
  min_tokens: { accepts: (value) => value >= 0, wanted: "at least 0" },
  truncate_prompt_tokens: {
    accepts: (value) => value === -1 || value >= 1,
    wanted: "-1 or at least 1",
  },
};

/** @throws ApiError 400 `BadRequestError` for the first field whose value cannot be. */
export function checkRanges(fields: GenerationFields): void {
  for (const [name, range] of Object.entries(ranges)) {
    const value = fields[name as keyof GenerationFields];
    if (typeof value === "number" && !range.accepts(value))
      throw invalidValue(name, value, `${name} must be ${range.wanted}, got ${value}.`);
  }
  if (fields.stream_options && fields.stream !== true)
    throw invalidValue("stream_options", "object", "stream_options needs stream to be true.");
  if (fields.request_id && fields.request_id.length > requestIdCharsMax)
    throw invalidValue("request_id", "text", `request_id is longer than ${requestIdCharsMax}.`);
}

/** The stop strings as a list. */
export function stopStringsOf(fields: GenerationFields): readonly string[] {
  const stop = typeof fields.stop === "string" ? [fields.stop] : (fields.stop ?? []);
  if (stop.length > stopStringsMax)
    throw invalidValue("stop", stop.length, `stop has more than ${stopStringsMax} strings.`);
  for (const text of stop) {
    if (text === "") throw invalidValue("stop", "", "stop cannot contain an empty string.");
    if (!text.isWellFormed()) throw invalidValue("stop", "", "stop holds half a surrogate pair.");
    if (text.length > stopStringCharsMax)
      throw invalidValue(
        "stop",
        text,
        `stop strings have at most ${stopStringCharsMax} characters.`,
      );
  }
  return stop;
}

/** By token id; biases are brought into [-100, 100], as vLLM does. */
export function logitBiasOf(fields: GenerationFields): Record<number, number> | null {
  const entries = Object.entries(fields.logit_bias ?? {});
  if (entries.length === 0) return null;
  if (entries.length > logitBiasEntriesMax)
    throw invalidValue("logit_bias", entries.length, `at most ${logitBiasEntriesMax} entries fit.`);
  const bias: Record<number, number> = {};
  for (const [key, value] of entries) {
    if (!/^\d{1,9}$/.test(key))
      throw invalidValue("logit_bias", key, "logit_bias keys must be token ids.");
    bias[Number(key)] = Math.min(100, Math.max(-100, value));
  }
  return bias;
}
