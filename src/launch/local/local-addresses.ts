import assert from "node:assert/strict";

/** From 127.0.0.1 to 127.0.254.254, as the configuration allows; last numbers 0 and 255 are left out. */
const addressCountMax = 254 * 255;

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
