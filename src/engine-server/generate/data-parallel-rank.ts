import { ApiError } from "../../openai-api/mod.ts";

/** Each server is one rank, and by vLLM's counting the only one that it can be asked for. */
const localRankCount = 1;

/**
 * What is wrong with an `X-data-parallel-rank`; null when nothing is. As in vLLM, what is no integer is no rank and is
 * ignored.
 */
export function dataParallelRankFault(header: string | undefined): ApiError | null {
  if (header === undefined || !/^\s*[+-]?\d+\s*$/.test(header)) return null;
  const rank = Number(header);
  if (rank >= 0 && rank < localRankCount) return null;
  const message = `data_parallel_rank ${rank} is out of range [0, ${localRankCount}).`;
  return new ApiError(400, message);
}
