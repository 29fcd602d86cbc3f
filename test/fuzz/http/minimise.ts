import type { Input } from "./reading.ts";

/**
 * A shorter input for which `isStill` holds as it does for this one: without cuts where they do not matter, and
 * without any stretch of bytes that does not.
 */
export function minimise(input: Input, isStill: (input: Input) => boolean): Input {
  const uncut = { ...input, cuts: [] };
  let least = isStill(uncut) ? uncut : input;
  for (let size = Math.ceil(least.text.length / 2); size > 0;) {
    const shorter = withoutOneStretch(least, size, isStill);
    if (shorter === undefined) size = size === 1 ? 0 : Math.ceil(size / 2);
    else least = shorter;
  }
  return least;
}

function withoutOneStretch(
  input: Input,
  size: number,
  isStill: (input: Input) => boolean,
): Input | undefined {
  for (let at = 0; at < input.text.length; at += size) {
    const text = input.text.slice(0, at) + input.text.slice(at + size);
    const cuts = input.cuts
      .map((cut) => (cut <= at ? cut : Math.max(at, cut - size)))
      .filter((cut, index, all) => cut > 0 && cut < text.length && cut !== all[index - 1]);
    const shorter = { ...input, text, cuts };
    if (isStill(shorter)) return shorter;
  }
  return undefined;
}
