/** What the hub and the wait for it may take; tests give smaller ones. */
export interface HubLimits {
  /** One question to the hub's API, its whole answer included. */
  readonly apiMsMax: number;
  readonly apiAnswerBytesMax: number;
  /** Files that a repository may list. */
  readonly filesMax: number;
  /** Answers into which the hub may divide a list. */
  readonly pagesMax: number;
  /** A download that brings no byte for so long has broken off. */
  readonly idleMsMax: number;
  /** Tries in a row that bring less than `progressBytesMin`, before a download is given up. */
  readonly failuresMax: number;
  readonly progressBytesMin: number;
  /** The wait before the second try; it doubles up to `retryWaitMsMax`. */
  readonly retryWaitMs: number;
  readonly retryWaitMsMax: number;
  /** Another process that downloads the same file, and gets nothing for so long, is not waited for any more. */
  readonly lockIdleMsMax: number;
}

export const hubLimits: HubLimits = {
  apiMsMax: 30_000,
  apiAnswerBytesMax: 16 * 1024 * 1024,
  filesMax: 20_000,
  pagesMax: 200,
  idleMsMax: 60_000,
  failuresMax: 5,
  progressBytesMin: 1024 * 1024,
  retryWaitMs: 1_000,
  retryWaitMsMax: 16_000,
  lockIdleMsMax: 300_000,
};
