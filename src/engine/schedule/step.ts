import type { StepBatch, StepSequence } from "../step-batch.ts";
import type { KvSource } from "../types.ts";
import type { Sequence } from "./sequence.ts";

/** What the scheduler decided for one step: how many pending tokens of which sequence. */
export interface ScheduledStep {
  readonly entries: readonly ScheduledEntry[];
  /** What is to be fetched from other engines while this step and further ones are computed. */
  readonly fetches: readonly ScheduledFetch[];
}

/** Blocks of the source that a sequence lacks; the other engine may let go of all of them afterwards. */
export interface ScheduledFetch {
  readonly sequence: Sequence;
  readonly source: KvSource;
  /** The blocks [start, end) of the sequence, into the same places of its block table; none where the cache had all. */
  readonly start: number;
  readonly end: number;
}

export interface ScheduledEntry {
  readonly sequence: Sequence;
  /** At least 1. */
  readonly tokenCount: number;
}

export interface PlannedBatch {
  readonly batch: StepBatch;
  /** rows[i] says what row i of the logits is for. */
  readonly rows: readonly LogitRow[];
}

export interface LogitRow {
  readonly sequence: Sequence;
  /** The prompt token that comes next, whose logprob is wanted; null: the next token is to be sampled. */
  readonly promptTokenId: number | null;
}

/** Lays the tokens of a step end to end for the forward pass. */
export function buildStepBatch(step: Pick<ScheduledStep, "entries">): PlannedBatch {
  const tokenTotal = step.entries.reduce((sum, entry) => sum + entry.tokenCount, 0);
  const tokenIds = new Int32Array(tokenTotal);
  const positions = new Int32Array(tokenTotal);
  const sequences: StepSequence[] = [];
  const rows: LogitRow[] = [];
  const logitTokenIndexes: number[] = [];
  let tokenOffset = 0;
  for (const { sequence, tokenCount } of step.entries) {
    const start = sequence.computedTokenCount;
    const end = tokenOffset + tokenCount;
    sequence.copyTokens({ start, count: tokenCount }, tokenIds.subarray(tokenOffset, end));
    for (let index = 0; index < tokenCount; index++) positions[tokenOffset + index] = start + index;
    sequences.push({
      tokenOffset,
      tokenCount,
      contextLength: start + tokenCount,
      promptLength: sequence.promptTokenIds.length,
      blockTable: sequence.blockTable.view(),
    });
    const wanted = sequence.promptLogitRange(tokenCount);
    for (let position = wanted.start; position < wanted.end; position++) {
      rows.push({ sequence, promptTokenId: sequence.promptTokenIds[position + 1]! });
      logitTokenIndexes.push(tokenOffset + position - start);
    }
    if (tokenCount === sequence.pendingTokenCount) {
      rows.push({ sequence, promptTokenId: null });
      logitTokenIndexes.push(end - 1);
    }
    tokenOffset = end;
  }
  const batch = {
    tokenIds,
    positions,
    sequences,
    logitTokenIndexes: Int32Array.from(logitTokenIndexes),
  };
  return { batch, rows };
}
