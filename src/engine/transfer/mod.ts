export type { MessageFromTransfer, MessageToTransfer, PullResult } from "./messages.ts";
export { tokensDigest } from "./tokens-digest.ts";
export { TransferThread } from "./transfer-thread.ts";
