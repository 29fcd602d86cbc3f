/** Longer words are not compared: the table of distances would grow with their product. */
const wordLengthMax = 200;

/** Shorter words begin too many others to mean one of them. */
const beginningLengthMin = 3;

/**
 * The candidate that the word is the beginning of, else the one with the smallest edit distance to it, for "did
 * you mean". Undefined when none is near: more than three of ten letters, and more than one, would have to change.
 */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > wordLengthMax) return undefined;
  return completion(word, candidates) ?? leastChanged(word, candidates);
}

/** The only candidate that the word begins, longer forms of that candidate aside. */
function completion(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < beginningLengthMin) return undefined;
  const [shortest, ...rest] = candidates
    .filter((candidate) => candidate.startsWith(word))
    .toSorted((a, b) => a.length - b.length);
  return rest.every((candidate) => candidate.startsWith(shortest!)) ? shortest : undefined;
}

function leastChanged(word: string, candidates: readonly string[]): string | undefined {
  let distanceMin = Math.max(1, Math.floor(word.length * 0.3)) + 1;
  let nearest: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= distanceMin) continue;
    const distance = editDistance(word, candidate);
    if (distance >= distanceMin || distance >= candidate.length) continue;
    distanceMin = distance;
    nearest = candidate;
  }
  return nearest;
}

/** Damerau's optimal string alignment: insert, delete, replace a letter or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaceCost = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + replaceCost,
      );
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap && row > 1) distance = Math.min(distance, beforeLast[column - 2]! + 1);
      current.push(distance);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}
