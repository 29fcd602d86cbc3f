import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { KvFacts } from "../../kv-memory.ts";
import { makeMemory } from "../../test-support/kv-memory.ts";
import { type LeaseEnd, Leases } from "../leases.ts";
import { pullBlocks, type PullJob } from "../pull.ts";
import { SideChannel } from "../side-channel.ts";

export const host = "127.0.0.1";
export const blockBytes = 4_096;
export const requestId = "ab".repeat(16);
export const tokensDigest = "cd".repeat(32);

interface Setup {
  readonly durationMs?: number;
  readonly blockBytes?: number;
  readonly idleMsMax?: number;
}

/** A producer with 8 blocks full of 7, of which 1, 2 and 3 are leased. */
export async function startProducer(context: TestContext, setup: Setup = {}) {
  const bytes = setup.blockBytes ?? blockBytes;
  const ends: LeaseEnd[] = [];
  const leases = new Leases({
    durationMs: setup.durationMs ?? 60_000,
    onEnd: (_id, end) => ends.push(end),
  });
  const memory = makeMemory({ blockBytes: bytes, blockCount: 8, fill: 7 });
  const { idleMsMax = 10_000 } = setup;
  const options = { host, port: 0, memory, leases, hearGrants: () => {}, idleMsMax };
  const channel = await SideChannel.listen(options);
  context.after(async () => {
    await channel.close();
    leases.close();
  });
  leases.grant({ requestId, blockIds: Int32Array.of(1, 2, 3), tokensDigest });
  return { channel, leases, memory, ends };
}

interface PullWish extends Partial<Omit<PullJob, "source">> {
  readonly port: number;
  readonly requestId?: string;
  readonly facts?: Partial<KvFacts>;
  readonly blockBytes?: number;
  readonly signal?: AbortSignal;
  readonly idleMsMax?: number;
}

/** Pulls blocks 1, 2 and 3 into blocks 5, 6 and 7 of a consumer whose memory is full of 9. */
export async function pull(wish: PullWish): Promise<Uint8Array> {
  const { port, facts = {}, signal = new AbortController().signal, idleMsMax = 5_000 } = wish;
  const bytes = wish.blockBytes ?? blockBytes;
  const memory = makeMemory({ blockBytes: bytes, blockCount: 8, fill: 9, facts });
  const job = {
    source: { requestId: wish.requestId ?? requestId, host, port },
    tokensDigest: wish.tokensDigest ?? tokensDigest,
    sourceBlockIds: wish.sourceBlockIds ?? Int32Array.of(1, 2, 3),
    targetBlockIds: wish.targetBlockIds ?? Int32Array.of(5, 6, 7),
  };
  await pullBlocks(job, { memory, signal, idleMsMax });
  return new Uint8Array(memory.buffer);
}

/** Waits for what is about to happen. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert(tries < 5_000, "It does not happen");
    await delay(2);
  }
}
