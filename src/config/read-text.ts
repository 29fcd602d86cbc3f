import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { fileBytesMax, type ReadText } from "./read-file.ts";

/**
 * Reads a file, a pipe or a device, which may have no end: stops one byte past what a configuration may have, so
 * that the text is known to be too long.
 */
export const readText: ReadText = async (path) => {
  return await text(createReadStream(path, { end: fileBytesMax }));
};
