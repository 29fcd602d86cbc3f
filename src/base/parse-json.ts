/** The value of a JSON text; undefined for anything else: a file of somebody else, or half of one from a full disk. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever reads takes it for a file that is not there.
    return undefined;
  }
}
