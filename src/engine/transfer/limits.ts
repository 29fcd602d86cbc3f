/** What bounds the hand-over of KV blocks besides KvTransferOptions. */

/** Connections of a side channel at once; further ones are closed. A decode rank has one for each pull. */
export const connectionsMax = 256;

/** A connection of the side channel on which nothing moves for so long is closed. */
export const connectionIdleMsMax = 30_000;

/**
 * A connection lives no longer at either end, however slowly it moves: until then it may keep a lease from ending, or a
 * request from going on.
 */
export const connectionMsMax = 600_000;

/** Pulls that a consumer has open at once; the others wait their turn, which are as many as the scheduler begins. */
export const pullsMax = 16;

/** Farewells that a consumer has open at once. Apart from the pulls: a producer that is gone takes long to hear one. */
export const farewellsMax = 16;

/** Farewells that wait their turn. Leases of further ones end by their time. */
export const farewellsWaitingMax = 4_096;

/** Keys and values in one frame; a frame of more than one block stays below. */
export const frameBytesMax = 2 ** 20;

/** The text of a greeting. */
export const greetingBytesMax = 4_096;

/** Why a pull was refused, as it is told over the wire. */
export const reasonBytesMax = 1_024;

/** Time that the thread has to end its connections before it is cut off. */
export const closeMsMax = 1_000;
