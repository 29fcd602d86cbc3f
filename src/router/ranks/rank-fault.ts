/** Statuses that say that a server is not well. 501 says that it does not know how, to whatever it was. */
const faultStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/**
 * How vLLM names what is wrong with a request: its own types of errors, and its words for a prompt that is too long, which
 * some of its versions answer with 500.
 */
const clientFaults =
  /"BadRequestError"|"Bad Request"|"invalid_request_error"|"InvalidUserInput"|VLLMValidationError|context length|maximum model length|max_model_len|(?:prompt|input|decoder prompt)[^"]{0,80}(?:too long|longer than)/i;

/** How much of an answer's beginning is enough to judge it, head included. */
export const judgedBytesMax = 4_096;

/** Whether an answer with this status says that its rank is not well, rather than that the request was wrong. */
export function isRankFault(status: number, bodyBeginning: string): boolean {
  return faultStatuses.has(status) && !clientFaults.test(bodyBeginning);
}
