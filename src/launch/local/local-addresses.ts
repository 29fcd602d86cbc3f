import assert from "node:assert/strict";

/** Hosts of 127.0.0.0/16 that are neither its network nor its broadcast address, 254 to each last number. */
const addressCountMax = 254 * 256;

/**
 * An address of its own for every node that runs on this machine, so that their ports never collide: 127.0.0.1,
 * 127.0.0.2, … 127.0.1.1. All of 127.0.0.0/8 is this machine on Linux.
 */
export function localAddresses(nodeCount: number): readonly string[] {
  assert.ok(nodeCount <= addressCountMax, `no more than ${addressCountMax} nodes on one machine`);
  return Array.from(
    { length: nodeCount },
    (_, node) => `127.0.${Math.floor(node / 254)}.${(node % 254) + 1}`,
  );
}
