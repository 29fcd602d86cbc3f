import { once } from "node:events";
import { connect } from "node:net";
import type { KvMemory } from "../kv-memory.ts";
import type { KvSource } from "../types.ts";
import { blocksPayloadBytesMax, BlockSink } from "./block-copy.ts";
import { encodeFrame, type Frame, frameTypes, ProtocolError } from "./frame.ts";
import { decodeGreeting, encodeGreeting, mismatchOf } from "./greeting.ts";
import { greetingBytesMax } from "./limits.ts";
import { decodeReason, encodePull, encodeRelease } from "./payloads.ts";
import { Peer } from "./peer.ts";

/** Where a producer listens, and under which id it holds the blocks. */
export type KvSourcePlace = Pick<KvSource, "requestId" | "host" | "port">;

export interface PullJob {
  readonly source: KvSourcePlace;
  readonly tokensDigest: string;
  /** The producer's blocks. */
  readonly sourceBlockIds: Int32Array;
  /** Blocks here that they are copied into, as many; nobody else uses them meanwhile. */
  readonly targetBlockIds: Int32Array;
}

export interface PullOptions {
  readonly memory: KvMemory;
  /** How long the producer may bring nothing. */
  readonly idleMsMax: number;
  /** Ends the pull at once. */
  readonly signal: AbortSignal;
}

/**
 * Copies leased blocks of another engine into this one's memory. After it has thrown, nothing is written any more, and
 * what the blocks hold is of no use.
 *
 * @returns bytes of keys and values
 * @throws Error with a reason in a few words, whatever went wrong
 */
export async function pullBlocks(job: PullJob, options: PullOptions): Promise<number> {
  const { memory } = options;
  const sink = new BlockSink(memory, job.targetBlockIds);
  await converse(job.source, options, async (talk) => {
    const { tokensDigest, sourceBlockIds: blockIds } = job;
    const pull = { requestId: job.source.requestId, tokensDigest, blockIds };
    mustFit(memory, talk.facts);
    await talk.send(encodeFrame(frameTypes.pull, encodePull(pull)));
    for (;;) {
      const frame = await talk.next();
      if (frame.type === frameTypes.refusal) throw new Error(decodeReason(frame.payload));
      if (frame.type === frameTypes.done) break;
      if (frame.type !== frameTypes.blocks) throw new ProtocolError("a producer does not say this");
      sink.write(frame.payload);
    }
    if (!sink.isFull) throw new ProtocolError("not all of the blocks came");
  });
  return job.targetBlockIds.length * memory.planes.length * memory.blockBytes;
}

/**
 * Tells a producer that the blocks of a lease are wanted no more.
 *
 * @throws Error when it could not be told; the lease then ends by its time
 */
export async function releaseSource(source: KvSourcePlace, options: PullOptions): Promise<void> {
  await converse(source, options, async (talk) => {
    await talk.send(encodeFrame(frameTypes.release, encodeRelease(source.requestId)));
    const frame = await talk.next();
    if (frame.type !== frameTypes.released) throw new ProtocolError("the release was not heard");
  });
}

/** A conversation with a producer that has begun. */
interface Talk {
  /** What its blocks look like. */
  readonly facts: Readonly<Record<string, unknown>>;
  send(frame: Buffer): Promise<void>;
  next(): Promise<Frame>;
}

async function converse(
  { host, port }: KvSourcePlace,
  { memory, idleMsMax, signal }: PullOptions,
  say: (talk: Talk) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const payloadBytesMax = Math.max(greetingBytesMax, blocksPayloadBytesMax(memory));
  const socket = connect({ host, port });
  const peer = new Peer(socket, { payloadBytesMax, idleMsMax });
  const onAbort = (): void => peer.destroy(new Error("the request was aborted"));
  signal.addEventListener("abort", onAbort);
  try {
    await once(socket, "connect");
    const frames = peer.frames();
    const next = async (): Promise<Frame> => {
      const result = await frames.next();
      if (result.done === true) throw new Error("the producer ended the connection");
      return result.value;
    };
    await peer.send(encodeFrame(frameTypes.greeting, encodeGreeting(memory.facts)));
    const greeting = await next();
    if (greeting.type !== frameTypes.greeting) throw new ProtocolError("no greeting came");
    await say({ facts: decodeGreeting(greeting.payload), send: (frame) => peer.send(frame), next });
  } finally {
    signal.removeEventListener("abort", onAbort);
    peer.destroy();
  }
}

function mustFit(memory: KvMemory, facts: Readonly<Record<string, unknown>>): void {
  const mismatch = mismatchOf(memory.facts, facts);
  if (mismatch !== null) throw new Error(mismatch);
}
