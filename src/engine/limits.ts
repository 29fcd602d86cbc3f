/**
 * What bounds the engine besides its options. The rest stands in EngineOptions: maxNumSeqs and queueDepthMax bound
 * the requests alive at once, maxNumBatchedTokens a step, kvCacheBytes the cache, maxModelLen one sequence.
 */

/** Time that close() leaves the engine's thread for the step in hand and its farewell, before it is cut off. */
export const closeWaitMsMax = 2_000;
