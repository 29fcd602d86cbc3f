import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { fileBytesMax, type ReadText } from "./read-file.ts";

/**
 * Reads a file, a pipe or a device, which may have no end: stops one byte past what a configuration may have, so
 * that the text is known to be too long. Rejects what is not UTF-8.
 */
export const readText: ReadText = async (path) => {
  const bytes = await buffer(createReadStream(path, { end: fileBytesMax }));
  // The cut may have gone through a character of a text that is too long.
  const fatal = bytes.length <= fileBytesMax;
  return new TextDecoder("utf-8", { fatal }).decode(bytes);
};
