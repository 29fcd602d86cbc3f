import { isTable, parseJson } from "../../base/mod.ts";
import { lastMember } from "./last-member.ts";

/** Tokens of one answer as its rank counted them. */
export interface Usage {
  readonly promptTokens: number;
  /** -1 where it is not said, as of embeddings. */
  readonly completionTokens: number;
  /** Of the prompt, not computed but taken from a cache; -1 where it is not said. */
  readonly cachedTokens: number;
}

/** The top-level `usage` of the JSON object that ends with these bytes, whose beginning need not be there. */
export function usageOfJson(tail: Buffer): Usage | undefined {
  if (!tail.includes(usageKey)) return undefined;
  const text = lastMember(tail, "usage");
  return text === undefined ? undefined : usageOf(parseJson(text));
}

/**
 * The usage that the last events of a stream say: the usage event before `[DONE]`, or with `continuous_usage_stats` the
 * last event that came. Only lines that are there as a whole and hold a whole JSON object are believed; `beginsLine` says
 * that nothing was before the tail.
 */
export function usageOfEvents(tail: Buffer, beginsLine: boolean): Usage | undefined {
  if (!tail.includes(usageKey)) return undefined;
  let end = tail.lastIndexOf(lineFeed);
  for (let count = 0; count < linesReadMax && end > 0; count++) {
    const before = tail.lastIndexOf(lineFeed, end - 1);
    if (before === -1 && !beginsLine) return undefined; // What begins before the tail may be anything.
    const usage = usageOfLine(tail, before + 1, end);
    if (usage !== undefined) return usage;
    end = before;
  }
  return undefined;
}

/** Empty lines count: half as many events. */
const linesReadMax = 8;

function usageOfLine(tail: Buffer, start: number, end: number): Usage | undefined {
  const line = tail.toString("utf8", start, end);
  if (!line.startsWith("data:") || !line.includes('"usage"')) return undefined;
  const event = parseJson(line.slice("data:".length));
  return isTable(event) ? usageOf(event["usage"]) : undefined;
}

function usageOf(value: unknown): Usage | undefined {
  if (!isTable(value)) return undefined;
  const promptTokens = countOf(value["prompt_tokens"]);
  if (promptTokens === -1) return undefined;
  const details = value["prompt_tokens_details"];
  return {
    promptTokens,
    completionTokens: countOf(value["completion_tokens"]),
    cachedTokens: isTable(details) ? countOf(details["cached_tokens"]) : -1,
  };
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

const usageKey = Buffer.from('"usage"');
const lineFeed = 0x0a;
