/** The text that stands for the address of a node until the deployment starts: `{node:3}`. */
export function nodeAddress(index: number): string {
  return `{node:${index}}`;
}

/** Group 1 is the node's index, group 2 is there where a port follows. */
const placeholder = /\{node:(\d{1,7})\}(:\d)?/g;

/**
 * A copy of a Plan, or of any part of one, in which every `{node:3}` is the address of node 3. An IPv6 address before
 * a port gets the brackets it needs there. A placeholder of a node that has no address stays as it is.
 */
export function replaceNodeAddresses<T>(part: T, addresses: readonly string[]): T {
  return replaceIn(part, addresses) as T;
}

function replaceIn(part: unknown, addresses: readonly string[]): unknown {
  if (typeof part === "string") return replaceInText(part, addresses);
  if (Array.isArray(part)) return part.map((element) => replaceIn(element, addresses));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, replaceIn(value, addresses)]),
  );
}

function replaceInText(text: string, addresses: readonly string[]): string {
  if (!text.includes("{node:")) return text;
  return text.replace(placeholder, (whole, index: string, port: string | undefined) => {
    const address = addresses[Number(index)];
    if (address === undefined) return whole;
    if (port === undefined) return address;
    return `${address.includes(":") ? `[${address}]` : address}${port}`;
  });
}
