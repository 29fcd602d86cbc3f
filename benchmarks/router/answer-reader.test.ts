import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerReader } from "./answer-reader.ts";

const plain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";

test("AnswerReader counts the body of right answers, whatever the pieces they come in", () => {
  for (const text of [plain, chunked])
    for (const size of [1, 2, 3, 7, 1_000]) {
      const reader = new AnswerReader(5);
      for (const _ of ["first", "second on the same connection"]) {
        const taken = piecesOf(text, size).map((piece) => reader.take(piece));
        assert.equal(
          taken.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
          5,
        );
        assert.equal(taken.at(-1)!.isOver, true);
        assert.ok(taken.slice(0, -1).every(({ isOver }) => !isOver));
      }
    }
});

test("AnswerReader refuses every answer that is not the rank's", () => {
  const wrong = [
    plain.replace("200 OK", "503 Service Unavailable"),
    plain.replace("5", "4"),
    plain.replace("Content-Length: 5", "X-Y: z"),
    `${plain}!`,
    chunked.replace("3\r\nllo", "4\r\nllo!"),
    chunked.replace("3\r\nllo\r\n", ""),
    chunked.replace("3\r\nllo", "x\r\nllo"),
    `${chunked}!`,
  ];
  for (const text of wrong)
    assert.throws(() => new AnswerReader(5).take(Buffer.from(text)), assert.AssertionError, text);
});

function piecesOf(text: string, size: number): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
