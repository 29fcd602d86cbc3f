import type { Random } from "./random.ts";

/** How a rank fails one request. */
export type JobFault =
  /** Amid its answer, or before its first byte: places are shares of the whole. */
  | {
      readonly kind: "break";
      readonly how: "reset" | "end" | "silence";
      readonly place: number;
      readonly placeInPiece: number;
    }
  | { readonly kind: "error"; readonly status: number }
  | { readonly kind: "nonsense" };

/** One that is always before the first byte may cost nothing, and is what retries are for. */
export function drawFault(random: Random, isAlwaysEarly: boolean): JobFault {
  if (isAlwaysEarly) return { kind: "break", how: "reset", place: 0, placeInPiece: 0 };
  if (random.chance(0.15)) return { kind: "error", status: random.pick([500, 503]) };
  if (random.chance(0.1)) return { kind: "nonsense" };
  const how = random.pick(["reset", "reset", "end", "end", "silence"] as const);
  // Often before the first byte, at an edge, or else anywhere.
  const place = random.chance(0.4) ? 0 : random.below(1_000) / 1_000;
  const placeInPiece = random.chance(0.5) ? 0 : random.below(1_000) / 1_000;
  return { kind: "break", how, place, placeInPiece };
}
