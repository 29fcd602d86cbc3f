const thousand = 1_000;
const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Decimal units, as network and data sheets have them: "2.13 MB". */
export function formatBytes(bytes: number): string {
  return formatScaled(bytes, byteUnits, " ");
}

/** A number with the unit, each a thousand times the one before, that leaves up to three digits before the point. */
export function formatScaled(value: number, units: readonly string[], gap: string): string {
  const exponent = value < 1 ? 0 : Math.floor(Math.log(value) / Math.log(thousand) + 1e-12);
  const index = Math.min(exponent, units.length - 1);
  const digits = index === 0 ? 0 : 2;
  return `${(value / thousand ** index).toFixed(digits)}${gap}${units[index]}`;
}
