import { createHash } from "node:crypto";
import { hostname } from "node:os";

/** What the name of a control socket's file says about its owner. */
export interface SocketOwner {
  readonly pid: number;
  /** Whether it runs on this machine: several may share the directory over a network file system. */
  readonly isHere: boolean;
}

const hostDigits = 8;
const hereTag = tagOf(hostname());

/** `<host>-<pid>-<nonce>.sock`; the host is a digest because the path of a socket is short. */
export function socketName(nonce: string): string {
  return `${hereTag}-${process.pid}-${nonce}.sock`;
}

/** Undefined for whatever else may lie in the directory. */
export function parseSocketName(name: string): SocketOwner | undefined {
  const match = /^([0-9a-f]{8})-([1-9]\d{0,9})-[0-9a-f]+\.sock$/.exec(name);
  if (match === null) return undefined;
  return { pid: Number(match[2]), isHere: match[1] === hereTag };
}

function tagOf(host: string): string {
  return createHash("sha256").update(host).digest("hex").slice(0, hostDigits);
}
