/**
 * Below so many weights a thread's share of a phase is hardly longer than the barrier behind it. Measured on two cores: at
 * 17 million weights the second thread gives 1.7 times the speed on a quiet machine and takes a third of it where another
 * program keeps one core busy; at one million it decodes no faster, and eight times slower beside others.
 */
const parametersPerThread = 8_000_000;

/** Compute threads for a model: as many as there are cores, fewer where the model is too small to share. */
export function chooseThreadCount(coreCount: number, parameterCount: number): number {
  return Math.max(1, Math.min(coreCount, Math.floor(parameterCount / parametersPerThread)));
}
