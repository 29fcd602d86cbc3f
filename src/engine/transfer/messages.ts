import type { KvMemory } from "../kv-memory.ts";
import type { KvTransferOptions } from "../types.ts";
import type { PackedError } from "../packed-error.ts";
import type { Lease, LeaseEnd } from "./leases.ts";
import type { KvSourcePlace, PullJob } from "./pull.ts";
import type { MessagePort } from "node:worker_threads";

/** What the thread of the side channel is started with. */
export interface TransferWorkerData {
  readonly options: KvTransferOptions;
  readonly memory: KvMemory;
  /** MessageToTransfer in, MessageFromTransfer out; the worker's own port says how its start went. */
  readonly port: MessagePort;
}

/** How the start went. */
export type TransferStart =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "failed"; readonly error: PackedError };

export type MessageToTransfer =
  /** The blocks stay as they are until "lease-ended". */
  | { readonly kind: "lease"; readonly lease: Lease }
  /** The target blocks belong to the transfer until "pull-ended". */
  | { readonly kind: "pull"; readonly pullId: number; readonly job: PullJob }
  /** "pull-ended" still comes. */
  | { readonly kind: "cancel-pull"; readonly pullId: number }
  /** Another engine's blocks are not wanted. */
  | { readonly kind: "release"; readonly source: KvSourcePlace }
  | { readonly kind: "close" };

/** Each lease and each pull is answered once. */
export type MessageFromTransfer =
  | {
      readonly kind: "lease-ended";
      readonly requestId: string;
      readonly end: LeaseEnd;
      readonly sentBytesTotal: number;
    }
  | { readonly kind: "pull-ended"; readonly pullId: number; readonly result: PullResult }
  | { readonly kind: "release-failed" };

export type PullResult =
  | { readonly isDone: true; readonly bytes: number; readonly durationMs: number }
  | { readonly isDone: false; readonly reason: string };
