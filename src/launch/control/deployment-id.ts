import { randomInt } from "node:crypto";

const letters = "abcdefghijkmnpqrstuvwxyz";
const characters = `${letters}23456789`;
const length = 6;

/** A fresh id such as `k4f9ab`: short to type, begins with a letter as no port and no job does, 0, 1, l and o left out. */
export function makeDeploymentId(): string {
  const pick = (from: string): string => from[randomInt(from.length)]!;
  return pick(letters) + Array.from({ length: length - 1 }, () => pick(characters)).join("");
}
