import { hash } from "node:crypto";

/** What both ends of a hand-over must agree on, so that no mix-up of requests becomes a wrong answer: 64 hex digits. */
export function tokensDigest(tokenIds: Int32Array): string {
  const { buffer, byteOffset, byteLength } = tokenIds;
  return hash("sha256", new Uint8Array(buffer, byteOffset, byteLength), "hex");
}
