const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** A time that has passed, in its two largest units: "4 s", "12 min", "3 h 5 min". */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const index = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[index] ?? ["s", 1];
  const whole = `${Math.floor(seconds / size)} ${unit}`;
  const next = index === -1 ? undefined : units[index + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1]);
  return rest === 0 ? whole : `${whole} ${rest} ${next![0]}`;
}
