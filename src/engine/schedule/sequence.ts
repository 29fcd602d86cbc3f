import { type BlockHash, BlockTable, type CacheableSequence } from "../kv-cache/mod.ts";
import type { KvSource, SampledLogprobs, SamplingParams } from "../types.ts";

export interface SequenceOptions {
  readonly requestId: string;
  readonly promptTokenIds: Int32Array;
  readonly samplingParams: SamplingParams;
  /** Longest sequence that the model and the KV cache hold, in tokens. */
  readonly maxModelLen: number;
  /** Only requests with the same one share blocks. */
  readonly cacheSalt?: string | undefined;
  /** Another engine that has computed the prompt. */
  readonly source?: KvSource | undefined;
}

/**
 * One request on its way through the engine. All it takes to go on at any time, after a preemption too:
 *
 * ```
 * |        prompt        |  output  |        length = prompt + output
 * |   computed   |      pending     |        keys and values exist for the computed tokens only
 * ```
 *
 * In decode one token is pending, the one sampled last; more are pending in prefill and after a preemption.
 */
export class Sequence implements CacheableSequence {
  readonly requestId: string;
  readonly promptTokenIds: Int32Array;
  readonly samplingParams: SamplingParams;
  readonly outputTokenIds: number[] = [];
  readonly blockTable = new BlockTable();
  readonly blockHashes: BlockHash[] = [];
  readonly cacheSalt: string | null;
  /** Tokens after which it ends, prompt and output together. */
  readonly lengthMax: number;
  /** Of its prompt tokens but the first, as far as they are computed; null when the request wants none. */
  readonly promptLogprobs: SampledLogprobs[] | null;
  /** Tokens whose keys and values stand in the blocks. */
  computedTokenCount = 0;
  /** Tokens of its prompt that were there when it first ran; null until then. */
  cachedTokenCount: number | null = null;
  /** Where its blocks are to be fetched from before it runs; null when that is done or was never wanted. */
  source: KvSource | null;
  /** A loading sequence holds blocks that another engine's are being copied into. */
  status: "waiting" | "loading" | "running" | "finished" = "waiting";

  constructor(options: SequenceOptions) {
    this.requestId = options.requestId;
    this.promptTokenIds = options.promptTokenIds;
    this.samplingParams = options.samplingParams;
    this.cacheSalt = options.cacheSalt ?? null;
    this.source = options.source ?? null;
    this.promptLogprobs = (options.samplingParams.promptLogprobs ?? null) === null ? null : [];
    this.lengthMax = Math.min(
      options.promptTokenIds.length + options.samplingParams.maxTokens,
      options.maxModelLen,
    );
  }

  get length(): number {
    return this.promptTokenIds.length + this.outputTokenIds.length;
  }

  get pendingTokenCount(): number {
    return this.length - this.computedTokenCount;
  }

  /** Whether logits in the middle of its prompt are still wanted: blocks of others do not bring them. */
  get wantsPromptLogits(): boolean {
    const { promptLogprobs, promptTokenIds } = this;
    return promptLogprobs !== null && promptLogprobs.length < promptTokenIds.length - 1;
  }

  /** Whether it may begin behind what others have computed. */
  get readsPrefixCache(): boolean {
    return !this.wantsPromptLogits && this.samplingParams.skipReadingPrefixCache !== true;
  }

  /** Positions [start, end) of the prompt whose logits come with its next `tokenCount` tokens. */
  promptLogitRange(tokenCount: number): { readonly start: number; readonly end: number } {
    if (this.promptLogprobs === null) return { start: 0, end: 0 };
    const start = Math.max(this.promptLogprobs.length, this.computedTokenCount);
    const end = Math.min(this.computedTokenCount + tokenCount, this.promptTokenIds.length - 1);
    return { start, end: Math.max(start, end) };
  }

  /** Pending tokens that it can compute with so many rows of logits, at least one. */
  computableTokenCount(rowCount: number): number {
    if (!this.wantsPromptLogits) return this.pendingTokenCount;
    const { start } = this.promptLogitRange(0);
    return Math.min(this.pendingTokenCount, start - this.computedTokenCount + rowCount);
  }

  /** Writes tokens [start, start + count) of the sequence into target. */
  copyTokens(range: { readonly start: number; readonly count: number }, target: Int32Array): void {
    const promptCount = this.promptTokenIds.length;
    for (let index = 0; index < range.count; index++) {
      const position = range.start + index;
      target[index] =
        position < promptCount
          ? this.promptTokenIds[position]!
          : this.outputTokenIds[position - promptCount]!;
    }
  }
}
