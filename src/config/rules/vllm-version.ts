/** True when a version, `0.23.1.dev0+cu130` say, is this one or a later one. Only the numbers are compared. */
export function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(least)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbersOf(version: string): readonly number[] {
  return (/^\d+(\.\d+){0,2}/.exec(version)?.[0] ?? "").split(".").map(Number);
}
