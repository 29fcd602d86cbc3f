import { JsonFault, scanDocument } from "./scan-json.ts";

/**
 * The `kv_transfer_params` of a prefill rank's answer, byte for byte: what stands in them is between the engines.
 * Undefined where the rank gave none, which it does when it has nothing to hand over.
 */
export function readParams(answer: Buffer): Buffer | undefined {
  try {
    const member = scanDocument(answer).members.findLast(({ key }) => key === "kv_transfer_params");
    if (member === undefined || answer[member.valueStart] !== braceOpen) return undefined;
    return answer.subarray(member.valueStart, member.valueEnd);
  } catch (error) {
    // An answer that is no JSON has no parameters either: the decode rank computes the prompt.
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

const braceOpen = 0x7b;
