import assert from "node:assert/strict";
import type { KvMemory } from "../kv-memory.ts";
import type { MessageFromTransfer, MessageToTransfer } from "../transfer/mod.ts";

type Lease = Extract<MessageToTransfer, { kind: "lease" }>["lease"];
type PullJob = Extract<MessageToTransfer, { kind: "pull" }>["job"];

export interface VirtualTransferOptions {
  readonly producer: KvMemory;
  readonly consumer: KvMemory;
  /** Steps that a lease lasts. */
  readonly leaseSteps: number;
  /** Steps from a pull to its copy, and whether it is cut before; taken in turn. */
  readonly pulls: readonly { readonly steps: number; readonly isCut: boolean }[];
}

interface HeldLease {
  readonly lease: Lease;
  readonly endsAt: number;
  pinCount: number;
  isReleased: boolean;
}

interface OpenPull {
  readonly job: PullJob;
  readonly pinned: HeldLease | null;
  readonly endsAt: number;
  isCut: boolean;
}

/** Two engines' threads that carry blocks, on a clock of steps: what they promise, without a socket. */
export class VirtualTransfer {
  readonly toProducer: MessageFromTransfer[] = [];
  readonly toConsumer: MessageFromTransfer[] = [];
  readonly #options: VirtualTransferOptions;
  readonly #leases = new Map<string, HeldLease>();
  readonly #pulls = new Map<number, OpenPull>();
  #now = 0;
  #pullCount = 0;

  constructor(options: VirtualTransferOptions) {
    this.#options = options;
  }

  hearProducer(message: MessageToTransfer): void {
    assert(message.kind === "lease");
    const endsAt = this.#now + this.#options.leaseSteps;
    const held = { lease: message.lease, endsAt, pinCount: 0, isReleased: false };
    this.#leases.set(message.lease.requestId, held);
  }

  hearConsumer(message: MessageToTransfer): void {
    if (message.kind === "pull") this.#begin(message.pullId, message.job);
    if (message.kind === "cancel-pull") this.#cancel(message.pullId);
    if (message.kind === "release") this.#release(message.source.requestId);
  }

  /** A step passes. */
  tick(): void {
    this.#now += 1;
    for (const [pullId, pull] of this.#pulls) if (pull.endsAt <= this.#now) this.#end(pullId, pull);
    for (const held of this.#leases.values())
      if ((held.isReleased || held.endsAt <= this.#now) && held.pinCount === 0) this.#drop(held);
  }

  #begin(pullId: number, job: PullJob): void {
    const { pulls } = this.#options;
    const { steps, isCut } = pulls[this.#pullCount++ % pulls.length]!;
    const held = this.#leases.get(job.source.requestId);
    const isGood = held?.lease.tokensDigest === job.tokensDigest && !held.isReleased;
    const pinned = isGood ? held : null;
    if (pinned !== null) pinned.pinCount += 1;
    this.#pulls.set(pullId, { job, pinned, endsAt: this.#now + steps, isCut });
  }

  #cancel(pullId: number): void {
    const pull = this.#pulls.get(pullId);
    if (pull !== undefined) pull.isCut = true;
  }

  #release(requestId: string): void {
    const held = this.#leases.get(requestId);
    if (held !== undefined) held.isReleased = true;
  }

  /** A pull that is cut leaves rubbish behind: whoever reads it, or has the block again already, answers wrong. */
  #end(pullId: number, { job, pinned, isCut }: OpenPull): void {
    const { producer, consumer } = this.#options;
    const isDone = !isCut && pinned !== null;
    for (const [index, target] of job.targetBlockIds.entries()) {
      const { blockBytes } = consumer;
      const to = new Uint8Array(consumer.buffer, target * blockBytes, blockBytes);
      const source = job.sourceBlockIds[index]! * blockBytes;
      if (isDone) to.set(new Uint8Array(producer.buffer, source, blockBytes));
      else to.fill(0xee);
    }
    if (pinned !== null) pinned.pinCount -= 1;
    this.#release(job.source.requestId);
    this.#pulls.delete(pullId);
    const result = isDone
      ? ({ isDone, bytes: 1, durationMs: 1 } as const)
      : ({ isDone, reason: "it was cut" } as const);
    this.toConsumer.push({ kind: "pull-ended", pullId, result });
  }

  #drop({ lease, isReleased }: HeldLease): void {
    this.#leases.delete(lease.requestId);
    const end = isReleased ? "released" : "expired";
    this.toProducer.push({
      kind: "lease-ended",
      requestId: lease.requestId,
      end,
      sentBytesTotal: 0,
    });
  }
}
