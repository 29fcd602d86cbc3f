/**
 * Below so many weights a thread's share of a phase is shorter than the barrier behind it: on two busy cores the
 * bundled models run eight times faster on one thread.
 */
const parametersPerThread = 8_000_000;

/** Compute threads for a model: as many as there are cores, fewer where the model is too small to share. */
export function chooseThreadCount(coreCount: number, parameterCount: number): number {
  return Math.max(1, Math.min(coreCount, Math.floor(parameterCount / parametersPerThread)));
}
