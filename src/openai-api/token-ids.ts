import * as z from "zod";

/** A list of token ids; whether the vocabulary has them is for the server to say. Written for lists of a million. */
export function isTokenIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isTokenId);
}

/** A field that holds from `countMin` to `countMax` token ids. */
export function tokenIdsField(countMin: number, countMax = Infinity) {
  const count = countMax === Infinity ? `at least ${countMin}` : `${countMin} to ${countMax}`;
  return z.custom<readonly number[]>(
    (value) => isTokenIds(value) && value.length >= countMin && value.length <= countMax,
    `expected a list of ${count} token ids`,
  );
}

/** A token id fits in 32 bits. */
function isTokenId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}
