import type { StepBatch, StepSequence } from "../../step-batch.ts";

/** New tokens of one sequence, for tests. */
export interface Piece {
  readonly tokenIds: ArrayLike<number>;
  readonly firstPosition: number;
  readonly blockTable: Int32Array;
  /** Default: all tokens up to the end of the piece. */
  readonly promptLength?: number;
}

/** Lays pieces end to end and asks for the logits of every token. */
export function buildBatch(pieces: readonly Piece[]): StepBatch {
  const tokenIds = pieces.flatMap((piece) => Array.from(piece.tokenIds));
  const positions = pieces.flatMap(({ tokenIds, firstPosition }) =>
    Array.from(tokenIds, (_, i) => firstPosition + i),
  );
  const sequences: StepSequence[] = [];
  let tokenOffset = 0;
  for (const { tokenIds, firstPosition, blockTable, promptLength } of pieces) {
    const tokenCount = tokenIds.length;
    const contextLength = firstPosition + tokenCount;
    sequences.push({
      tokenOffset,
      tokenCount,
      contextLength,
      promptLength: promptLength ?? contextLength,
      blockTable,
    });
    tokenOffset += tokenCount;
  }
  return {
    tokenIds: Int32Array.from(tokenIds),
    positions: Int32Array.from(positions),
    sequences,
    logitTokenIndexes: Int32Array.from(tokenIds, (_, i) => i),
  };
}
