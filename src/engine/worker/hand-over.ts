import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type BlockPool } from "../kv-cache/mod.ts";
import type { ScheduledFetch, Sequence } from "../schedule/mod.ts";
import {
  type MessageFromTransfer,
  type MessageToTransfer,
  type PullResult,
  tokensDigest,
} from "../transfer/mod.ts";
import type { KvSource, KvTransferOptions, KvTransferStats } from "../types.ts";

export interface HandOverOptions {
  /** The port is the one that was bound. */
  readonly kvTransfer: KvTransferOptions;
  readonly send: (message: MessageToTransfer) => void;
}

interface Pull {
  readonly fetch: ScheduledFetch;
  /** Blocks of a sequence that is gone, which nobody may have before the pull has ended. */
  orphans: Int32Array | null;
}

/** A pull that ended for a sequence that still waits for it. */
export interface EndedPull {
  readonly fetch: ScheduledFetch;
  readonly result: PullResult;
}

/** What the engine's thread has promised to the thread that carries blocks: the blocks of leases and pulls. */
export class HandOver {
  readonly #options: HandOverOptions;
  readonly #pool: BlockPool;
  readonly #leases = new Map<string, Int32Array>();
  readonly #pulls = new Map<number, Pull>();
  #lastPullId = 0;
  #pullsTotal = 0;
  #pulledBytesTotal = 0;
  #failedPullsTotal = 0;
  #failedReleasesTotal = 0;
  #expiredLeasesTotal = 0;
  #sentBytesTotal = 0;

  constructor(pool: BlockPool, options: HandOverOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  get stats(): KvTransferStats {
    return {
      leaseCount: this.#leases.size,
      pullCount: this.#pulls.size,
      pullsTotal: this.#pullsTotal,
      pulledBytesTotal: this.#pulledBytesTotal,
      failedPullsTotal: this.#failedPullsTotal,
      failedReleasesTotal: this.#failedReleasesTotal,
      expiredLeasesTotal: this.#expiredLeasesTotal,
      sentBytesTotal: this.#sentBytesTotal,
    };
  }

  /** Blocks that no sequence holds, once for each holder. */
  get heldBlocks(): readonly number[] {
    const orphans = [...this.#pulls.values()].flatMap((pull) => [...(pull.orphans ?? [])]);
    return [...this.#leases.values()].flatMap((blocks) => [...blocks]).concat(orphans);
  }

  /** Takes the blocks of a sequence that is about to end, and says where they can be fetched. */
  lease(sequence: Sequence): KvSource {
    const { engineId, sideChannelHost, sideChannelPort } = this.#options.kvTransfer;
    const requestId = randomBytes(16).toString("hex");
    const tokenCount = sequence.computedTokenCount;
    const blockIds = sequence.blockTable.take();
    this.#leases.set(requestId, blockIds);
    const digest = digestOf(sequence, tokenCount);
    this.#send({ kind: "lease", lease: { requestId, blockIds, tokensDigest: digest } });
    return {
      engineId,
      requestId,
      host: sideChannelHost,
      port: sideChannelPort,
      blockIds: [...blockIds],
      tokenCount,
    };
  }

  /** Fetches what the scheduler wants, or says goodbye to the source when that is nothing. */
  fetch(fetch: ScheduledFetch): void {
    const { sequence, source, start, end } = fetch;
    if (start === end) return this.release(source);
    const pullId = ++this.#lastPullId;
    this.#pulls.set(pullId, { fetch, orphans: null });
    this.#pullsTotal += 1;
    this.#send({
      kind: "pull",
      pullId,
      job: {
        source,
        tokensDigest: digestOf(sequence, source.tokenCount),
        sourceBlockIds: Int32Array.from(source.blockIds.slice(start, end)),
        targetBlockIds: sequence.blockTable.view().slice(start, end),
      },
    });
  }

  release({ requestId, host, port }: KvSource): void {
    this.#send({ kind: "release", source: { requestId, host, port } });
  }

  /** A sequence ends. Its pull keeps the blocks until it has ended, too. */
  letGo(sequence: Sequence): void {
    if (sequence.source !== null) this.release(sequence.source);
    if (sequence.status !== "loading") return;
    const found = [...this.#pulls].find(([, { fetch }]) => fetch.sequence === sequence);
    assert(found !== undefined, "A loading sequence has no pull");
    const [pullId, pull] = found;
    pull.orphans = sequence.blockTable.take();
    this.#send({ kind: "cancel-pull", pullId });
  }

  /** @returns the pull that ended, when its sequence still waits for it */
  hear(message: MessageFromTransfer): EndedPull | null {
    if (message.kind === "pull-ended") return this.#endPull(message.pullId, message.result);
    if (message.kind === "release-failed") this.#failedReleasesTotal += 1;
    else this.#endLease(message);
    return null;
  }

  #endPull(pullId: number, result: PullResult): EndedPull | null {
    const pull = this.#pulls.get(pullId);
    assert(pull !== undefined, "A pull ended twice");
    this.#pulls.delete(pullId);
    if (pull.orphans !== null) {
      this.#free(pull.orphans);
      return null;
    }
    if (result.isDone) this.#pulledBytesTotal += result.bytes;
    else this.#failedPullsTotal += 1;
    return { fetch: pull.fetch, result };
  }

  #endLease(message: Extract<MessageFromTransfer, { kind: "lease-ended" }>): void {
    const { requestId, end, sentBytesTotal } = message;
    const blocks = this.#leases.get(requestId);
    assert(blocks !== undefined, "A lease ended twice");
    this.#leases.delete(requestId);
    this.#free(blocks);
    this.#sentBytesTotal = sentBytesTotal;
    if (end === "expired") this.#expiredLeasesTotal += 1;
  }

  #free(blocks: Int32Array): void {
    for (const block of blocks.toReversed()) this.#pool.free(block);
  }

  #send(message: MessageToTransfer): void {
    this.#options.send(message);
  }
}

function digestOf(sequence: Sequence, tokenCount: number): string {
  const tokenIds = new Int32Array(tokenCount);
  sequence.copyTokens({ start: 0, count: tokenCount }, tokenIds);
  return tokensDigest(tokenIds);
}
