/**
 * The lines of a stream of bytes, without their line ends; what stands behind the last line end is dropped, because
 * whoever wrote it was cut off. At most one line is held.
 *
 * @throws RangeError where a line has more bytes than the limit.
 */
export async function* readLines(
  stream: AsyncIterable<Buffer>,
  lineBytesMax: number,
): AsyncGenerator<string, void, undefined> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      pieces.push(chunk.subarray(from, end));
      if (bytes + end - from >= lineBytesMax) throw tooLong(lineBytesMax);
      yield Buffer.concat(pieces).toString();
      pieces = [];
      bytes = 0;
      from = end + 1;
    }
    pieces.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes >= lineBytesMax) throw tooLong(lineBytesMax);
  }
}

function tooLong(lineBytesMax: number): RangeError {
  return new RangeError(`a line has more than the ${lineBytesMax} bytes that are allowed`);
}
