/**
 * The alphabet of byte-level tokenizers (GPT-2 and all that follow it): each byte is written as one printable
 * character, so that a vocabulary of byte strings can be kept as JSON text.
 */
const byteOfCharacter: ReadonlyMap<string, number> = makeAlphabet();

/**
 * The bytes that a token of a byte-level vocabulary stands for. A token with a character outside the alphabet is
 * an added token and stands for its own text, as in Hugging Face's ByteLevel decoder.
 */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return new TextEncoder().encode(token);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Printable Latin-1 characters stand for themselves; the other bytes take U+0100 and up, in order. */
function makeAlphabet(): Map<string, number> {
  const alphabet = new Map<string, number>();
  let nextCodePoint = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const codePoint = isPrintable(byte) ? byte : nextCodePoint++;
    alphabet.set(String.fromCodePoint(codePoint), byte);
  }
  return alphabet;
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}
